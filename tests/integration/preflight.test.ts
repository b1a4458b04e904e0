import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installStatements } from '../../src/audit/install.ts';
import { type KeyAndCertificate, makeCertificates } from '../../src/local/tls/certificates.ts';
import type { preflightForPrograms } from '../../src/preflight/report.ts';
import { openSource } from '../../src/sources/source.ts';
import { type BareServer, startBareServer } from '../helpers/bare-server.ts';
import { createDatabases, environmentOf, pool, type TestDatabases } from '../helpers/databases.ts';
import { passwordOf } from '../helpers/driver.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';
import { spawnTandem, tandem } from '../helpers/run-command-line.ts';

const native = await hasNativeServer();

const CANARY = 'canary-Pa55word';

let databases: TestDatabases;
let settings: Record<string, string>;

beforeAll(async () => {
  databases = await createDatabases();
  settings = environmentOf(databases.config);
});
afterAll(() => databases?.[Symbol.asyncDispose]());

/** Runs it for AZURE alone unless other arguments say so, and sees that no password is in what it prints. */
async function preflight(
  changes: Record<string, string> = {},
  args: readonly string[] = ['--source', 'azure'],
  under: readonly string[] = [],
) {
  const environment = { ...settings, ...changes };
  const { code, stdout, stderr } = await (under.length === 0
    ? tandem(['preflight', '--json', ...args], environment)
    : spawnTandem(['preflight', '--json', ...args], environment, under));
  for (const [name, value] of Object.entries(environment)) {
    if (name.endsWith('PASSWORD')) if (value !== '') expect(stdout + stderr).not.toContain(value);
  }
  expect(stderr).toBe('');
  const report = JSON.parse(stdout) as PublicReport;
  expect(report.exitCode).toBe(code);
  const steps = report.sources[0]?.steps ?? [];
  const failed = steps.find(({ status }) => status === 'failed');
  return { code, report, steps, failed, problem: failed?.problems[0] };
}

type PublicReport = ReturnType<typeof preflightForPrograms>;
type StepReport = PublicReport['sources'][number]['steps'][number];

function statuses(steps: readonly StepReport[]): string {
  return steps.map(({ step, status }) => `${step} ${status}`).join(', ');
}

/** A TCP server of the test's own that does with a connection what it is told. */
async function listening(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: String((server.address() as AddressInfo).port),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('tandem preflight', () => {
  it('finds nothing wrong with two databases as the guides make them', async () => {
    const { code, report } = await preflight({}, ['--strict']);
    expect(code).toBe(0);
    expect(report).toMatchObject({ ok: true, exitCode: 0, kind: null });
    expect(report.sources.map(({ source }) => source)).toEqual(['AZURE', 'GCP']);
    for (const { steps } of report.sources) {
      expect(statuses(steps)).toBe(
        'dns ok, tcp ok, greeting ok, tls ok, login ok, privileges ok, migrator ok, audit ok, limits ok, settings ok, replicas ok, clock ok, schema ok',
      );
      expect(steps.every(({ ms }) => ms >= 0)).toBe(true);
    }
  });

  it('tells of one cloud’s failure and of the other’s health, a line a step', async () => {
    const { code, stdout, stderr } = await spawnTandem(['preflight'], { ...settings, AZURE_DB_PORT: '9' });
    expect([code, stderr]).toEqual([30, '']);
    expect(stdout).toMatch(/^AZURE .*:9\n {2}✓ dns /);
    expect(stdout).toMatch(
      /\n {2}✗ tcp .*\n {6}CONNECTION_REFUSED: .*\n {6}Next: .*AZURE_DB_PORT.*\n {2}– greeting /,
    );
    expect(stdout).toMatch(/\nGCP .*(\n {2}✓ .*){13}\nNot ready: CONNECTION_REFUSED, exit code 30\.\n$/);
  });

  it('exits with 10 and lists what is wrong with the configuration', async () => {
    const { code, stdout } = await tandem(['preflight', '--json'], { NODE_ENV: 'production' });
    expect(code).toBe(10);
    const { kind, faults } = JSON.parse(stdout);
    expect(kind).toBe('CONFIG');
    expect(faults).toContainEqual({
      variable: 'AZURE_DB_HOST',
      problem: 'is missing',
      remedy: 'set it to a host name or an address',
      readFrom: null,
    });
  });
});

describe('on the way to the server', () => {
  it('tells a name without an address', async () => {
    // Two dots in a row: no name server needs to be asked.
    const { code, failed, problem, steps } = await preflight({ AZURE_DB_HOST: 'nowhere..invalid' });
    expect([code, failed?.step, problem?.kind]).toEqual([20, 'dns', 'DNS_NOT_FOUND']);
    expect(problem?.detail).toContain('nowhere..invalid');
    expect(problem?.remedy).toContain('AZURE_DB_HOST');
    expect(statuses(steps.slice(1))).toMatch(/^(\w+ skipped(, |$)){12}$/);
  });

  it('tells a port on which nothing listens', async () => {
    const { code, failed, problem } = await preflight({ AZURE_DB_PORT: '9' });
    expect([code, failed?.step, problem?.kind]).toEqual([30, 'tcp', 'CONNECTION_REFUSED']);
    expect(problem?.remedy).toContain('AZURE_DB_PORT');
  });

  it('tells a server that accepts and says nothing', async () => {
    await using silent = await listening(() => {});
    const { code, failed, problem } = await preflight({
      AZURE_DB_PORT: silent.port,
      CONNECT_TIMEOUT_MS: '300',
    });
    expect([code, failed?.step, problem?.kind]).toEqual([40, 'greeting', 'SERVER_SILENT']);
    expect(problem?.detail).toContain('300 ms');
  });

  it('tells a server that hangs up', async () => {
    await using rude = await listening((socket) => socket.destroy());
    const { code, problem } = await preflight({ AZURE_DB_PORT: rude.port });
    expect([code, problem?.kind]).toEqual([40, 'SERVER_SILENT']);
    expect(problem?.detail).toContain('hung up');
  });

  it('tells a server that is not MySQL’s', async () => {
    await using web = await listening((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const { code, failed, problem } = await preflight({ AZURE_DB_PORT: web.port });
    expect([code, failed?.step, problem?.kind]).toEqual([41, 'greeting', 'NOT_MYSQL']);
  });

  it('tells MariaDB, which is not MySQL', async () => {
    const version = '5.5.5-10.11.11-MariaDB';
    const payload = Buffer.concat([Buffer.from(`\x0a${version}\0`), Buffer.alloc(60)]);
    await using maria = await listening((socket) => {
      socket.write(Buffer.concat([Buffer.from([payload.length, 0, 0, 0]), payload]));
    });
    const { code, failed, problem } = await preflight({ AZURE_DB_PORT: maria.port });
    expect([code, failed?.step, problem?.kind]).toEqual([41, 'greeting', 'NOT_MYSQL']);
    expect(problem?.detail).toContain('is MariaDB');
  });

  it('tells packets that are dropped', async () => {
    await using full = await fullBacklog();
    const { code, failed, problem } = await preflight({
      AZURE_DB_PORT: full.port,
      CONNECT_TIMEOUT_MS: '400',
    });
    expect([code, failed?.step, problem?.kind]).toEqual([31, 'tcp', 'CONNECT_TIMEOUT']);
    expect(problem?.detail).toContain('400 ms');
    expect(problem?.remedy).toContain('firewall');
  });

  const canUnshare = spawnSync('unshare', ['-rnm', 'ip', 'link', 'set', 'lo', 'up']).status === 0;

  /** Runs it in a network of its own, of which the script makes what it wants. */
  function inNamespace(script: string, changes: Record<string, string>) {
    const under = ['unshare', '-rnm', '--kill-child', '--fork', '--pid', 'sh', '-c', `${script}; "$@"`, 'sh'];
    return preflight(changes, ['--source', 'azure'], under);
  }

  it.runIf(canUnshare)('tells an address to which there is no route (needs network namespaces)', async () => {
    const { code, failed, problem } = await inNamespace('true', { AZURE_DB_HOST: '10.99.0.2' });
    expect([code, failed?.step, problem?.kind]).toEqual([32, 'tcp', 'HOST_UNREACHABLE']);
  });

  it.runIf(canUnshare)('tells name servers that do not answer (needs network namespaces)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-resolver-'));
    const resolver = join(folder, 'resolv.conf');
    writeFileSync(resolver, 'nameserver 127.0.0.1\noptions timeout:2 attempts:1\n');
    const mute = "require('node:dgram').createSocket('udp4').bind(53, '127.0.0.1')";
    const { code, failed, problem } = await inNamespace(
      `ip link set lo up && mount --bind ${resolver} /etc/resolv.conf && { ${process.execPath} -e "${mute}" & sleep 0.3; }`,
      { AZURE_DB_HOST: 'db.example.org', CONNECT_TIMEOUT_MS: '400' },
    );
    expect([code, failed?.step, problem?.kind]).toEqual([21, 'dns', 'DNS_UNAVAILABLE']);
    expect(problem?.detail).toContain('400 ms');
    rmSync(folder, { recursive: true });
  });
});

/**
 * A port whose queue of connections is full: Linux drops the packets of those that come then, as a firewall does. Its
 * process stands still, or it would take connections out of the queue.
 */
async function fullBacklog() {
  const program = `
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('node:fs').writeSync(1, server.address().port + '\\n');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = String(await once(child.stdout, 'data')).trim();
  const fillers = Array.from({ length: 4 }, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
  await once(fillers[0] as Socket, 'connect');
  await setTimeout(200);
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('with TLS', () => {
  const servers: BareServer[] = [];
  let folder: string;
  const days = (count: number) => new Date(Date.now() + count * 86_400_000);
  // Certificates are made for 800 days.
  const madeOn = { expired: days(-900), ending: days(-790), good: days(0) };
  type Name = keyof typeof madeOn | 'none';
  const portOf = {} as Record<Name, string>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tandem-preflight-ca-'));
    const serve = async (name: Name, tls?: KeyAndCertificate) => {
      const sql = [`create user tandem_app@'%' identified by '${CANARY}'`];
      const server = await startBareServer({ sql, ...(tls && { tls }) });
      servers.push(server);
      portOf[name] = String(server.port);
    };
    const certified = async (name: keyof typeof madeOn) => {
      const { ca, servers } = await makeCertificates(['AZURE'], madeOn[name]);
      writeFileSync(join(folder, `${name}.pem`), ca);
      await serve(name, servers.AZURE);
    };
    await Promise.all([serve('none'), certified('expired'), certified('ending'), certified('good')]);
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  const against = (name: Name, changes: Record<string, string> = {}) => {
    const ca = name === 'none' ? {} : { AZURE_DB_SSL_CA: join(folder, `${name}.pem`) };
    return preflight({ AZURE_DB_PORT: portOf[name], ...ca, ...changes });
  };

  it('tells a server that offers none, and sends it no password', async () => {
    const { code, failed, problem } = await against('none');
    expect([code, failed?.step, problem?.kind]).toEqual([50, 'tls', 'TLS_NOT_OFFERED']);
    expect(problem?.remedy).toContain('ssl_cert');
  });

  it('tells a certificate of another authority', async () => {
    const { code, failed, problem } = await against('good', {
      AZURE_DB_SSL_CA: settings.AZURE_DB_SSL_CA ?? '',
    });
    expect([code, failed?.step, problem?.kind]).toEqual([51, 'tls', 'TLS_CA_UNKNOWN']);
    expect(problem?.remedy).toContain('AZURE_DB_SSL_CA');
    expect(problem?.remedy).toContain('DigiCert');
  });

  it('tells a certificate that has expired', async () => {
    const { code, failed, problem } = await against('expired');
    expect([code, failed?.step, problem?.kind]).toEqual([52, 'tls', 'TLS_CERT_EXPIRED']);
    expect(problem?.detail).toContain(days(-100).toISOString().slice(0, 10));
  });

  it('tells a certificate of another host, and takes it where only the authority is to be checked', async () => {
    // Every resolver takes this for 127.0.0.1; the certificate does not have it.
    const otherName = '127.1';
    const { code, failed, problem } = await against('good', { AZURE_DB_HOST: otherName });
    expect([code, failed?.step, problem?.kind]).toEqual([54, 'tls', 'TLS_HOST_MISMATCH']);
    expect(problem?.detail).toContain('DNS:localhost');
    const chainOnly = { AZURE_DB_HOST: otherName, AZURE_DB_SSL_MODE: 'VERIFY_CA' };
    expect((await against('good', chainOnly)).failed?.step).toBe('login');
  });

  it('warns of a certificate that ends soon, and fails on that only if asked to', async () => {
    const tls = (steps: readonly StepReport[]) => steps.find(({ step }) => step === 'tls');
    const { steps, code } = await against('ending');
    expect(tls(steps)).toMatchObject({ status: 'warning', problems: [{ kind: 'TLS_CERT_EXPIRES_SOON' }] });
    expect(tls(steps)?.problems[0]?.detail).toMatch(/in (9|10) days/);
    expect(code).toBe(60);
  });
});

describe('logged in', () => {
  let server: BareServer;
  let ca: string;
  const rows = 'select, insert, update, delete';
  const user = (name: string) => `'${name}'@'%'`;
  const account = (name: string, limits = '') =>
    `create user ${user(name)} identified by '${CANARY}' ${limits}`;

  beforeAll(async () => {
    const made = await makeCertificates(['AZURE']);
    ca = join(mkdtempSync(join(tmpdir(), 'tandem-preflight-ca-')), 'ca.pem');
    writeFileSync(ca, made.ca);
    server = await startBareServer({
      ...(made.servers.AZURE && { tls: made.servers.AZURE }),
      args: ['--max-connections=4', '--wait-timeout=30', '--max-allowed-packet=1M'],
      sql: [
        'create database tandem',
        account('app'),
        `grant ${rows} on tandem.* to ${user('app')}`,
        account('migrator'),
        `grant ${rows}, create, alter, drop, index, references on tandem.* to ${user('migrator')}`,
        account('weak_migrator'),
        `grant ${rows}, create on tandem.* to ${user('weak_migrator')}`,
        account('reader'),
        `grant select on tandem.* to ${user('reader')}`,
        account('nobody'),
        account('admin'),
        `grant all on *.* to ${user('admin')} with grant option`,
        account('few', 'with max_user_connections 1'),
        `grant ${rows} on tandem.* to ${user('few')}`,
        account('locked', 'account lock'),
        "create role 'rows'@'%'",
        `grant ${rows} on tandem.* to 'rows'@'%'`,
        account('by_role'),
        `grant 'rows'@'%' to ${user('by_role')}`,
        `set default role all to ${user('by_role')}`,
        account('by_idle_role'),
        `grant 'rows'@'%' to ${user('by_idle_role')}`,
      ],
    });
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    if (ca !== undefined) rmSync(join(ca, '..'), { recursive: true });
  });

  /** One connection in the pool, so that four are enough; the migrator is the good one. */
  const as = (name: string, changes: Record<string, string> = {}, args?: readonly string[]) =>
    preflight(
      {
        AZURE_DB_PORT: String(server.port),
        AZURE_DB_SSL_CA: ca,
        AZURE_DB_USER: name,
        AZURE_DB_PASSWORD: CANARY,
        AZURE_DB_MIGRATOR_USER: 'migrator',
        AZURE_DB_MIGRATOR_PASSWORD: CANARY,
        AZURE_DB_NAME: 'tandem',
        POOL_MAX: '2',
        POOL_IDLE_TIMEOUT_MS: '10000',
        ...changes,
      },
      args,
    );
  const stepOf = ({ steps }: { steps: readonly StepReport[] }, name: string) =>
    steps.find(({ step }) => step === name);

  it.each([
    ['a wrong password', 'app', { AZURE_DB_PASSWORD: `${CANARY}-wrong` }, 60, 'ACCESS_DENIED'],
    ['a database that is not there', 'admin', { AZURE_DB_NAME: 'nowhere' }, 61, 'UNKNOWN_DATABASE'],
    ['an account without any right', 'nobody', {}, 62, 'DATABASE_DENIED'],
    ['a role that is not active', 'by_idle_role', {}, 62, 'DATABASE_DENIED'],
    ['a locked account', 'locked', {}, 64, 'ACCOUNT_LOCKED'],
  ] as const)('tells %s', async (_what, name, changes, exit, kind) => {
    const { code, failed, problem } = await as(name, changes);
    expect([code, failed?.step, problem?.kind]).toEqual([exit, 'login', kind]);
    expect(problem?.detail).toContain(name);
    expect(problem?.remedy).toMatch(/\.$/);
  });

  it('names the address from which a refused login came', async () => {
    const { problem } = await as('app', { AZURE_DB_PASSWORD: `${CANARY}-wrong` });
    expect(problem?.detail).toContain('this machine seen as 127.0.0.1');
  });

  it('tells an account that lacks a right, and which', async () => {
    const { code, failed, problem, steps } = await as('reader');
    expect([code, failed?.step, problem?.kind]).toEqual([70, 'privileges', 'PRIVILEGE_MISSING']);
    expect(problem?.detail).toContain('GRANT INSERT, UPDATE, DELETE ON `tandem`.*');
    expect(steps.some(({ status }) => status === 'skipped')).toBe(false);
  });

  it('tells a migrator that may not change tables', async () => {
    const { code, failed, problem } = await as('app', { AZURE_DB_MIGRATOR_USER: 'weak_migrator' });
    expect([code, failed?.step, problem?.kind]).toEqual([70, 'migrator', 'PRIVILEGE_MISSING']);
    expect(problem?.detail).toContain('ALTER, DROP, INDEX, REFERENCES');
  });

  it('counts what an active role gives', async () => {
    expect(stepOf(await as('by_role'), 'privileges')).toMatchObject({ status: 'ok', problems: [] });
  });

  it('warns of an account that may do everything', async () => {
    const privileges = stepOf(await as('admin'), 'privileges');
    expect(privileges).toMatchObject({ status: 'warning', problems: [{ kind: 'PRIVILEGES_TOO_MANY' }] });
    expect(privileges?.problems[0]?.detail).toMatch(
      /SUPER.* and \d+ more on the whole server; .*GRANT OPTION/,
    );
  });

  it('warns of a server account that may change tables', async () => {
    const privileges = stepOf(await as('migrator'), 'privileges');
    expect(privileges?.problems[0]?.detail).toMatch(/DROP, ALTER, CREATE and 2 more on tandem/);
  });

  it('tells a server, and an account, with fewer connections than the pools may open', async () => {
    const server = stepOf(await as('app', { POOL_MAX: '5' }), 'limits');
    expect(server?.problems).toMatchObject([{ kind: 'CONNECTIONS_TOO_FEW', severity: 'failure' }, {}]);
    expect(server?.problems[0]?.detail).toContain('POOL_MAX 5');
    const account = stepOf(await as('few', { POOL_MAX: '2' }), 'limits');
    expect(account?.problems[0]?.detail).toContain('MAX_USER_CONNECTIONS');
  });

  it('warns of a server that closes connections before the pool does, and of one that takes small statements', async () => {
    const limits = stepOf(await as('app', { POOL_IDLE_TIMEOUT_MS: '30000' }), 'limits');
    expect(limits?.problems.map(({ kind }) => kind)).toEqual(['WAIT_TIMEOUT_SHORT', 'PACKET_SMALL']);
    expect(limits?.status).toBe('warning');
  });

  it('tells a database without tables, and names the migrations', async () => {
    const { code, failed, problem } = await as('app');
    expect([code, failed?.step, problem?.kind]).toEqual([100, 'schema', 'SCHEMA_OUTDATED']);
    expect(problem?.detail).toContain('Migration20261122232347_initial');
    expect(problem?.remedy).toContain('tandem migrate up --source azure');
  });

  it('tells a server, and an account, whose sessions are all taken', async () => {
    const hog = (name: string) =>
      createConnection({
        host: '127.0.0.1',
        port: server.port,
        user: name,
        password: CANARY,
        ssl: { rejectUnauthorized: false },
      });
    const first = await hog('few');
    const account = await as('few');
    expect([account.code, account.failed?.step, account.problem?.kind]).toEqual([
      63,
      'login',
      'ACCOUNT_CONNECTIONS',
    ]);
    const others = await Promise.all(['app', 'app', 'app'].map(hog));
    // MySQL keeps one connection for administrators, so that it refuses others at their login only.
    const full = await as('app');
    expect([full.code, full.failed?.step, full.problem?.kind]).toEqual([42, 'login', 'TOO_MANY_CONNECTIONS']);
    await Promise.all([first, ...others].map((connection) => connection.end()));
  });
});

describe('the audit trail', () => {
  const trail = 'tandem_trail';
  const writes = `\`${trail}\`.\`tandem_audit_write\``;
  const seals = `\`${trail}\`.\`tandem_audit_seal\``;
  let server: BareServer;
  let ca: string;
  let admin: Awaited<ReturnType<typeof createConnection>>;
  const installed = () =>
    installStatements(trail, {
      runtime: { user: 'app' },
      migrator: { user: 'migrator' },
      auditor: { user: 'auditor' },
    } as never);

  beforeAll(async () => {
    const made = await makeCertificates(['AZURE']);
    ca = join(mkdtempSync(join(tmpdir(), 'tandem-preflight-ca-')), 'ca.pem');
    writeFileSync(ca, made.ca);
    server = await startBareServer({
      ...(made.servers.AZURE && { tls: made.servers.AZURE }),
      sql: [
        'create database tandem',
        `create user 'admin'@'%' identified by '${CANARY}'`,
        "grant all on *.* to 'admin'@'%' with grant option",
      ],
    });
    admin = await createConnection({
      host: '127.0.0.1',
      port: server.port,
      user: 'admin',
      password: CANARY,
      ssl: { rejectUnauthorized: false },
    });
  });
  afterAll(async () => {
    await admin?.end();
    await server?.[Symbol.asyncDispose]();
    if (ca !== undefined) rmSync(join(ca, '..'), { recursive: true });
  });
  /** As `tandem audit install --print` has it. */
  async function install(): Promise<void> {
    await admin.query(`drop database if exists ${trail}`);
    const rights = 'select, insert, update, delete';
    for (const [name, of] of [
      ['app', rights],
      ['migrator', `${rights}, create, alter, drop, index, references`],
      ['auditor', null],
    ]) {
      await admin.query(`drop user if exists '${name}'@'%'`);
      await admin.query(`create user '${name}'@'%' identified by '${CANARY}'`);
      if (of !== null) await admin.query(`grant ${of} on tandem.* to '${name}'@'%'`);
    }
    for (const statement of installed()) await admin.query(statement);
  }
  const audit = async (changes: Record<string, string> = {}) => {
    const { steps } = await preflight({
      AZURE_DB_PORT: String(server.port),
      AZURE_DB_SSL_CA: ca,
      AZURE_DB_USER: 'app',
      AZURE_DB_PASSWORD: CANARY,
      AZURE_DB_MIGRATOR_USER: 'migrator',
      AZURE_DB_MIGRATOR_PASSWORD: CANARY,
      AZURE_DB_AUDITOR_USER: 'auditor',
      AZURE_DB_AUDITOR_PASSWORD: CANARY,
      AZURE_DB_NAME: 'tandem',
      AUDIT_DATABASE: trail,
      ...changes,
    });
    const step = steps.find(({ step }) => step === 'audit');
    return {
      status: step?.status,
      text: step?.detail,
      found: step?.problems.map(({ kind, detail }) => `${kind} ${detail}`) ?? [],
    };
  };
  /** Runs what a finding says, and expects that it is the cure. */
  async function follow(finding: string | undefined): Promise<void> {
    const statements = [...(finding ?? '').matchAll(/\b(?:grant|revoke) [^;]+(?=;)/g)].map(([sql]) => sql);
    expect(statements, finding).not.toEqual([]);
    for (const statement of statements) await admin.query(statement);
    expect(await audit()).toMatchObject({ status: 'ok', found: [] });
  }

  it('is as it should be where it is installed as printed, and leaves no row', async () => {
    await install();
    expect(await audit()).toEqual({
      status: 'ok',
      text: `${trail}, written by app, read by auditor`,
      found: [],
    });
    const [rows] = await admin.query(`select * from ${writes}`);
    expect(rows).toEqual([]);
    expect(await audit({ AUDIT_DATABASE: '' })).toMatchObject({
      status: 'ok',
      text: 'none is kept (AUDIT_DATABASE)',
    });
    const { text } = await audit({ AZURE_DB_AUDITOR_USER: '', AZURE_DB_AUDITOR_PASSWORD: '' });
    expect(text).toContain('no account of its own is set (AZURE_DB_AUDITOR_USER)');
  });

  it.each<[what: string, change: string, kind: string, names: RegExp]>([
    [
      'INSERT',
      `revoke insert on ${writes} from 'app'@'%'`,
      'PRIVILEGE_MISSING',
      /app lacks INSERT on tandem_audit_write/,
    ],
    [
      'the auditor’s SELECT',
      `revoke select on ${writes} from 'auditor'@'%'`,
      'PRIVILEGE_MISSING',
      /auditor lacks SELECT on tandem_audit_write/,
    ],
    [
      'the auditor’s right to seal',
      `revoke insert on ${seals} from 'auditor'@'%'`,
      'PRIVILEGE_MISSING',
      /auditor lacks INSERT on tandem_audit_seal/,
    ],
  ])('tells an account that lacks %s, and the GRANT', async (_what, change, kind, names) => {
    await install();
    await admin.query(change);
    const { status, found } = await audit();
    expect([status, found]).toEqual(['failed', [expect.stringMatching(`AUDIT_${kind}`)]]);
    expect(found[0]).toMatch(names);
    await follow(found[0]);
  });

  it.each<[what: string, change: string]>([
    ['may delete rows', `grant delete on ${writes} to 'app'@'%'`],
    ['may read and change them', `grant select, update on ${writes} to 'app'@'%' with grant option`],
    ['may read a column', `grant select (row_keys) on ${writes} to 'app'@'%'`],
    ['may add to the whole database', `grant insert on \`${trail}\`.* to 'app'@'%'`],
    ['may do all in databases of such names', `grant all on \`tandem\\_%\`.* to 'app'@'%'`],
    ['may do all on the server', `grant all on *.* to 'app'@'%'`],
    ['reads the trail and may delete of it', `grant delete, drop on ${writes} to 'auditor'@'%'`],
    ['seals and may change seals', `grant update on ${seals} to 'auditor'@'%'`],
  ])('warns of an account that %s, and names the REVOKE', async (_what, change) => {
    await install();
    await admin.query(change);
    const { status, found } = await audit();
    expect([status, found]).toEqual([
      'warning',
      [expect.stringMatching(/^AUDIT_PRIVILEGES_TOO_MANY .*revoke /)],
    ]);
    await follow(found[0]);
  });

  it.each<[what: string, change: readonly string[], found: RegExp]>([
    ['no database', [`drop database ${trail}`], /AUDIT_NOT_INSTALLED .*tandem_audit_write/],
    ['no table of seals', [`drop table ${seals}`], /AUDIT_NOT_INSTALLED .*tandem_audit_seal/],
    [
      'an engine without transactions',
      [`alter table ${writes} engine = MyISAM`],
      /AUDIT_TABLE_UNFIT .*MyISAM/,
    ],
    [
      'a column that is narrower',
      [`alter table ${writes} modify row_keys text not null`],
      /AUDIT_TABLE_UNFIT .*row_keys/,
    ],
    ['a column that is not there', [`alter table ${writes} drop column role`], /AUDIT_TABLE_UNFIT .*role/],
    [
      'a column in another collation',
      [`alter table ${seals} modify hash char(64) collate utf8mb4_0900_ai_ci not null`],
      /AUDIT_TABLE_UNFIT .*hash/,
    ],
    [
      'a trigger that the migrator sees',
      [
        `create trigger ${trail}.t before insert on ${writes} for each row set new.subject = new.subject`,
        `grant trigger on ${writes} to 'migrator'@'%'`,
      ],
      /AUDIT_TABLE_UNFIT .*trigger t on tandem_audit_write/,
    ],
    [
      'a trigger that no account sees, by what it does',
      [`create trigger ${trail}.t before insert on ${writes} for each row set new.subject = null`],
      /AUDIT_TABLE_UNFIT .*other values in subject/,
    ],
    [
      'a trigger that refuses rows',
      [`create trigger ${trail}.t before insert on ${writes} for each row signal sqlstate '45000'`],
      /AUDIT_NOT_WRITABLE .*1644/,
    ],
    [
      'a view in the table’s place',
      [`rename table ${writes} to ${trail}.away`, `create view ${writes} as select * from ${trail}.away`],
      /AUDIT_TABLE_UNFIT .*VIEW/,
    ],
    [
      'a column more that must be given',
      [`alter table ${writes} add column more int not null`],
      /AUDIT_NOT_WRITABLE .*1364/,
    ],
  ])('tells %s', async (what, change, kind) => {
    await install();
    for (const statement of change) await admin.query(statement);
    const { status, found } = await audit();
    expect(status).toBe('failed');
    expect(found[0]).toMatch(kind);
    // Both tables go with a database.
    expect(found).toHaveLength(what === 'no database' ? 2 : 1);
  });

  it('tells an auditor who cannot log in', async () => {
    await install();
    const { found } = await audit({ AZURE_DB_AUDITOR_PASSWORD: `${CANARY}-wrong` });
    expect(found).toEqual([expect.stringMatching(/^ACCESS_DENIED .*auditor/)]);
  });

  it('is sealed and verified by the auditor, who has a right on no other database', async () => {
    await install();
    await admin.query(
      `insert into ${writes} (written_at, request_id, role, source, operation, table_name, row_count, row_keys, column_names) values (now(6), 'r', 'a', 'AZURE', 'update', 't', 1, '[1]', '[]')`,
    );
    const environment = {
      ...settings,
      AZURE_DB_PORT: String(server.port),
      AZURE_DB_SSL_CA: ca,
      AZURE_DB_USER: 'app',
      AZURE_DB_PASSWORD: CANARY,
      AZURE_DB_AUDITOR_USER: 'auditor',
      AZURE_DB_AUDITOR_PASSWORD: CANARY,
      AUDIT_DATABASE: trail,
    };
    const out = join(ca, '..', 'seals.jsonl');
    const sealed = await tandem(['audit', 'seal', '--source', 'azure', '--out', out], environment);
    expect([sealed.code, sealed.stderr, sealed.stdout]).toEqual([
      0,
      '',
      'AZURE: 1 rows sealed, 1 seals exported\n',
    ]);
    const verified = await tandem(['audit', 'verify', '--source', 'azure', '--seals', out], environment);
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('INTACT')]);
    await expect(
      createConnection({
        host: '127.0.0.1',
        port: server.port,
        user: 'auditor',
        password: CANARY,
        database: 'tandem',
        ssl: { rejectUnauthorized: false },
      }),
    ).rejects.toMatchObject({ errno: 1044 });
  });
});

describe('a server with accounts for other machines only', () => {
  it('is told from one that refuses the password', async () => {
    await using server = await startBareServer({});
    const { code, failed, problem } = await preflight({ AZURE_DB_PORT: String(server.port) });
    expect([code, failed?.step, problem?.kind]).toEqual([43, 'greeting', 'HOST_NOT_ALLOWED']);
    expect(problem?.detail).toContain('this machine seen as 127.0.0.1');
  });
});

describe('the schema', () => {
  it('is told to be older or newer than this build, or to lack a table', async () => {
    await using own = await createDatabases();
    const environment = environmentOf(own.config);
    await using source = await openSource('GCP', own.config.databases.GCP, pool);
    const outcome = async () => {
      const { code, report, problem } = await preflight(environment, []);
      expect(report.sources[0]?.steps.every(({ status }) => status === 'ok')).toBe(true);
      const gcp = report.sources[1]?.steps.find(({ status }) => status === 'failed');
      expect(problem).toBeUndefined();
      return { code, kind: report.kind, detail: gcp?.problems.map(({ detail }) => detail).join(' ') };
    };
    const change = (sql: string) => source.write((em) => em.execute(sql));

    await change("insert into mikro_orm_migrations (name) values ('Migration29990101000000_later')");
    expect(await outcome()).toMatchObject({
      code: 101,
      kind: 'SCHEMA_NEWER',
      detail: expect.stringContaining('Migration29990101000000_later'),
    });
    await change('delete from mikro_orm_migrations');
    expect(await outcome()).toMatchObject({
      code: 100,
      kind: 'SCHEMA_OUTDATED',
      detail: expect.stringContaining('Migration20261122232347_initial'),
    });
  });
});

describe.skipIf(!native)('settings of two servers', () => {
  let own: OwnServer;
  beforeAll(async () => {
    own = await startOwnServer({
      more: ['--sql-mode=NO_BACKSLASH_ESCAPES', '--default-time-zone=+02:00', '--max-allowed-packet=16M'],
    });
  });
  afterAll(() => own?.[Symbol.asyncDispose]());

  it('are compared with each other, and what Tandem sets for itself is told apart', async () => {
    const { AZURE: paired } = databases.config.databases;
    const { runtime, migrator } = own.config;
    const { report } = await preflight(
      {
        AZURE_DB_PORT: String(own.port),
        AZURE_DB_NAME: own.config.name,
        AZURE_DB_USER: runtime.user,
        AZURE_DB_PASSWORD: passwordOf(runtime),
        AZURE_DB_MIGRATOR_USER: migrator.user,
        AZURE_DB_MIGRATOR_PASSWORD: passwordOf(migrator),
        AZURE_DB_SSL_CA: own.files.ca,
      },
      [],
    );
    expect(paired.port).not.toBe(own.port);
    const found = report.sources.flatMap(({ steps }) => steps.flatMap(({ problems }) => problems));
    const differing = found.filter(({ kind }) => kind === 'SETTINGS_DIFFER');
    const names = differing.map(({ detail }) => detail.split(' ')[0]);
    expect(names).toEqual(expect.arrayContaining(['sql_mode', 'time_zone', 'max_allowed_packet']));
    expect(differing.every(({ severity }) => severity === 'warning')).toBe(true);
    const [mode] = differing.filter(({ detail }) => detail.startsWith('sql_mode'));
    expect(mode?.detail).toContain('NO_BACKSLASH_ESCAPES');
    expect(mode?.detail).toContain('Tandem’s sessions set their own');
    const [packet] = differing.filter(({ detail }) => detail.startsWith('max_allowed_packet'));
    expect(packet?.detail).toContain('The smaller one bounds what a request can write.');
    expect(packet?.remedy).toContain('Set it alike on both servers');
  });

  it('leave a token alone that lives, and warn of one that is about to expire', async () => {
    const { runtime } = own.config;
    const tokenFor = (seconds: number) => {
      const claims = { exp: Math.floor(Date.now() / 1000) + seconds };
      return ['{}', JSON.stringify(claims), CANARY]
        .map((part) => Buffer.from(part).toString('base64url'))
        .join('.');
    };
    const loginWith = async (token: string) => {
      await own.sql(`alter user '${runtime.user}'@'%' identified by '${token}'`);
      const { report, steps } = await preflight({
        AZURE_DB_PORT: String(own.port),
        AZURE_DB_NAME: own.config.name,
        AZURE_DB_USER: runtime.user,
        AZURE_DB_PASSWORD: '',
        AZURE_DB_PASSWORD_COMMAND: `echo ${token}`,
        AZURE_DB_MIGRATOR_USER: '',
        AZURE_DB_MIGRATOR_PASSWORD: '',
        AZURE_DB_SSL_CA: own.files.ca,
      });
      expect(JSON.stringify(report)).not.toContain(token);
      const login = steps.find(({ step }) => step === 'login');
      return [login?.status, ...(login?.problems.map(({ kind }) => kind) ?? [])];
    };
    try {
      expect(await loginWith(tokenFor(3600))).toEqual(['ok']);
      expect(await loginWith(tokenFor(30))).toEqual(['warning', 'TOKEN_EXPIRES_SOON']);
    } finally {
      await own.sql(`alter user '${runtime.user}'@'%' identified by '${passwordOf(runtime)}'`);
    }
  });
});
