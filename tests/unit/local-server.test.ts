import { describe, expect, test } from 'vitest';
import { homePaths } from '../../src/local/home.ts';
import { accountsSql } from '../../src/local/mysqld/accounts.ts';
import { serverArguments } from '../../src/local/mysqld/arguments.ts';
import { containerName } from '../../src/local/mysqld/container.ts';
import { lastLines, saysAccountsFailed, saysPortTaken } from '../../src/local/mysqld/error-log.ts';
import { parseGreeting } from '../../src/local/mysqld/greeting.ts';
import { commandLine, serverEnv } from '../../src/local/mysqld/program.ts';
import { compareVersions, parseVersion } from '../../src/local/mysqld/version.ts';
import { choose } from '../../src/local/origins/installed.ts';
import { tlsFiles } from '../../src/local/tls/files.ts';
import type { Program } from '../../src/local/types.ts';

const paths = homePaths('/home/me/.tandem');
const tls = tlsFiles(paths.tls, 'AZURE');

describe('the version of a server', () => {
  test.each([
    ['/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))', '9.7.4-2'],
    ['mysqld  Ver 8.0.41-0ubuntu0.24.04.1 for Linux on x86_64 ((Ubuntu))', '8.0.41-0ubuntu0.24.04.1'],
    ['mysqld  Ver 8.4.6 for macos15 on arm64 (Homebrew)', '8.4.6'],
  ])('is read from "%s"', (text, version) => {
    expect(parseVersion(text)).toBe(version);
  });

  test.each([
    'mysqld: command not found',
    'mysqld  Ver 10.11.11-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)',
  ])('is not read from "%s"', (text) => {
    expect(parseVersion(text)).toBeNull();
  });

  test('compares by number, not by letter', () => {
    expect(compareVersions('8.0.9', '8.0.41')).toBeLessThan(0);
    expect(compareVersions('10.0.1', '9.7.4-2')).toBeGreaterThan(0);
    expect(compareVersions('9.7.4-2', '9.7.4-1')).toBe(0);
  });

  test('decides which installed server is taken', () => {
    const old = { file: '/a/mysqld', version: '5.7.44' };
    const maria = { file: '/usr/sbin/mysqld', version: null };
    const good = { file: '/b/mysqld', version: '8.4.6' };
    expect(choose([old, maria, good])).toMatchObject({ program: { command: ['/b/mysqld'] } });
    expect(choose([old, maria])).toEqual({
      why: '/a/mysqld is mysql 5.7.44, /usr/sbin/mysqld is not MySQL; mysql 8.0.0 or newer is needed',
    });
    expect(choose([])).toEqual({ why: 'no mysqld on the PATH or in the usual places' });
  });
});

describe('the first packet of a server', () => {
  const packet = (payload: string) =>
    Buffer.concat([Buffer.from([payload.length, 0, 0, 0]), Buffer.from(payload, 'latin1')]);

  test.each([
    ['\x0a9.7.4-2\0\x09\0\0\0', { version: '9.7.4-2' }],
    // Too many connections: full, but alive.
    ['\xff\x10\x04Too many connections', { version: null }],
    ['HTTP/1.1 400 Bad Request\0', null],
  ])('%j tells %j', (payload, greeting) => {
    expect(parseGreeting(packet(payload))).toEqual(greeting);
  });
});

describe('the error log', () => {
  test('is shown by its errors, or else by its end', () => {
    expect(lastLines('a [System] x\nb [ERROR] y\nc [System] z\n')).toBe('b [ERROR] y');
    expect(lastLines('a\nb\nc\n', 2)).toBe('b\nc');
  });

  test('tells a taken port and refused accounts apart from other ends', () => {
    expect(
      saysPortTaken(
        "[ERROR] [MY-010262] [Server] Can't start server: Bind on TCP/IP port: Address already in use",
      ),
    ).toBe(true);
    expect(saysPortTaken('driver failed programming external connectivity: port is already allocated')).toBe(
      true,
    );
    expect(saysPortTaken('[ERROR] [InnoDB] Unable to lock ./ibdata1')).toBe(false);
    expect(saysAccountsFailed('2026 6 [ERROR] [MY-000061] [Server] 3619  Illegal privilege level')).toBe(
      true,
    );
    expect(saysAccountsFailed('x\nERROR: 1064  You have an error in your SQL syntax')).toBe(true);
    expect(saysAccountsFailed('[Warning] [MY-010068] CA certificate is self signed')).toBe(false);
  });
});

describe('the accounts', () => {
  const secrets = { runtime: 'r', migrator: `it's\\` };

  test('lock root before anything else can fail', () => {
    expect(accountsSql(secrets, 'z').split('\n')[0]).toBe(
      "ALTER USER 'root'@'localhost' IDENTIFIED WITH caching_sha2_password BY 'z' ACCOUNT LOCK;",
    );
  });

  test('are limited, need TLS and get rights on our databases only', () => {
    const sql = accountsSql(secrets, 'z');
    expect(sql).toContain(
      "ALTER USER 'tandem'@'%' IDENTIFIED WITH caching_sha2_password BY 'r' REQUIRE SSL WITH MAX_USER_CONNECTIONS 20",
    );
    expect(sql.match(/^GRANT .* ON (\S+) TO/gm)?.map((grant) => / ON (\S+) /.exec(grant)?.[1])).toEqual([
      '`tandem`.*',
      '`tandem\\_test\\_%`.*',
      '`tandem`.*',
      '`tandem\\_test\\_%`.*',
      '`tandem\\_scratch\\_%`.*',
      '`tandem\\_audit%`.*',
      '`tandem\\_audit%`.*',
    ]);
    expect(sql).toContain("GRANT SELECT, INSERT, UPDATE, DELETE ON `tandem`.* TO 'tandem'@'%'");
    // Drift makes and drops these copies. No row of the clinic is in them.
    expect(sql.match(/^GRANT ALL PRIVILEGES ON .*/gm)).toEqual([
      "GRANT ALL PRIVILEGES ON `tandem\\_scratch\\_%`.* TO 'tandem_migrator'@'%';",
    ]);
    expect(sql).not.toMatch(/WITH GRANT OPTION|\*\.\*/);
  });

  test('keep a password with quotes one literal', () => {
    expect(accountsSql(secrets, 'z')).toContain(`IDENTIFIED WITH caching_sha2_password BY 'it\\'s\\\\'`);
  });
});

describe('the command line of a server', () => {
  const args = serverArguments(paths.server('AZURE'), tls, { port: 3307, asRoot: false });

  test('binds loopback, demands TLS and holds no secret', () => {
    expect(args).toEqual(
      expect.arrayContaining([
        '--bind-address=127.0.0.1',
        '--port=3307',
        '--require-secure-transport=ON',
        '--socket=',
        '--max-connections=60',
        '--default-time-zone=+00:00',
        '--ssl-key=/home/me/.tandem/tls/azure-key.pem',
        '--init-file=/home/me/.tandem/azure/accounts.sql',
      ]),
    );
    expect(args.join(' ')).not.toMatch(/password=|--user=root/);
  });

  test('runs an unpacked server by its own loader, and reads no configuration of the machine', () => {
    const program: Program = {
      origin: 'debian',
      kind: 'native',
      version: '9.7.4',
      command: ['/c/ld.so', '--library-path', '/c/lib', '/c/usr/sbin/mysqld'],
      basedir: '/c/usr',
    };
    expect(commandLine(program, ['--port=1'], { mounts: ['/h'] })).toEqual([
      '/c/ld.so',
      '--library-path',
      '/c/lib',
      '/c/usr/sbin/mysqld',
      '--no-defaults',
      '--basedir=/c/usr',
      '--port=1',
    ]);
  });

  test('publishes a container on loopback only, as our user, with the home under its own path', () => {
    const program: Program = {
      origin: 'docker',
      kind: 'docker',
      version: '8.4.6',
      client: '/usr/bin/docker',
      image: 'mysql:8.4',
    };
    const name = containerName(paths.home, 'AZURE');
    const container = { mounts: [paths.home], name, port: 3307, user: '1000:1000' };
    expect(commandLine(program, ['--bind-address=0.0.0.0', '--port=3307'], container)).toEqual([
      '/usr/bin/docker',
      'run',
      '--rm',
      '--name',
      name,
      '--publish',
      '127.0.0.1:3307:3307',
      '--user',
      '1000:1000',
      '--mount',
      'type=bind,source=/home/me/.tandem,target=/home/me/.tandem',
      '--entrypoint',
      'mysqld',
      'mysql:8.4',
      '--no-defaults',
      '--bind-address=0.0.0.0',
      '--port=3307',
    ]);
    expect(name).toMatch(/^tandem-[0-9a-f]{8}-azure$/);
    expect(containerName('/elsewhere', 'AZURE')).not.toBe(name);
  });

  test('passes on no settings of the application', () => {
    const env = { PATH: '/bin', AZURE_DB_PASSWORD: 'x', MYSQL_TCP_PORT: '1', DOCKER_HOST: 'unix:///d' };
    expect(serverEnv(env)).toEqual({ PATH: '/bin', DOCKER_HOST: 'unix:///d', LC_ALL: 'C', TZ: 'UTC' });
  });
});
