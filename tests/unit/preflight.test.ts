import { describe, expect, it } from 'vitest';
import { exitCodes, type PreflightProblemKind } from '../../src/errors/exit-codes.ts';
import { parseGrants, rightsOn } from '../../src/information-schema/grants.ts';
import { levelOf } from '../../src/information-schema/schema-version.ts';
import { certificateFault, daysLeft } from '../../src/preflight/certificate.ts';
import { supportProblem } from '../../src/preflight/end-of-support.ts';
import { parseHandshake, tlsRequest } from '../../src/preflight/handshake.ts';
import { problem } from '../../src/preflight/problem.ts';
import { type Problem, type SourceReport, stepNames, summarize } from '../../src/preflight/report.ts';
import { limitProblems } from '../../src/preflight/server-limits.ts';
import { replicationState } from '../../src/preflight/server-settings.ts';
import { tokenLifeMs } from '../../src/preflight/token-life.ts';
import { sourceNames } from '../../src/source-name.ts';

const kinds = Object.keys(exitCodes.preflight) as PreflightProblemKind[];

describe('the kinds of problems', () => {
  it.each(sourceNames)('have a remedy for %s, which never opens the network or gives up TLS', (name) => {
    const database = { host: 'h', port: 1, name: 'd' } as never;
    for (const kind of kinds) {
      const { remedy } = problem({ name, database }, kind, '');
      expect(remedy).toMatch(/^[^{}]+\.$/);
      expect(remedy).not.toMatch(
        /0\.0\.0\.0|(turn|switch|set).{0,20} off|ssl-mode|DISABLED|rejectUnauthorized/i,
      );
    }
  });
});

describe('the exit code', () => {
  const found = (kind: PreflightProblemKind, severity: Problem['severity']): Problem => ({
    kind,
    severity,
    cause: '',
    remedy: '',
  });
  const source = (name: 'AZURE' | 'GCP', ...problems: Problem[]): SourceReport => ({
    source: name,
    host: '',
    port: 0,
    database: '',
    steps: [{ step: stepNames[0], status: 'ok', ms: 0, detail: '', problems }],
  });

  it('is the first failure’s, whatever is warned about before', () => {
    const sources = [
      source('AZURE', found('CLOCK_OFF', 'warning'), found('SCHEMA_NEWER', 'failure')),
      source('GCP', found('DNS_NOT_FOUND', 'failure')),
    ];
    expect(summarize(sources, { strict: false })).toMatchObject({
      ok: false,
      exitCode: 101,
      kind: 'SCHEMA_NEWER',
    });
  });

  it('is 0 with warnings, and the first one’s where asked to be strict', () => {
    const sources = [source('AZURE'), source('GCP', found('CLOCK_OFF', 'warning'))];
    expect(summarize(sources, { strict: false })).toMatchObject({ ok: true, exitCode: 0, kind: null });
    expect(summarize(sources, { strict: true })).toMatchObject({
      ok: false,
      exitCode: 90,
      kind: 'CLOCK_OFF',
    });
  });
});

describe('what an account may do', () => {
  const needed = ['SELECT', 'INSERT'];
  const rights = (lines: readonly string[], tables: readonly string[] = ['a', 'b']) =>
    rightsOn(parseGrants(lines), { schema: 'tan_dem', tables, needed, harmless: ['EXECUTE'] });

  it.each([
    ['on the database', ['GRANT SELECT, INSERT ON `tan_dem`.* TO `u`@`%`']],
    ['on a pattern', ['GRANT SELECT, INSERT ON `tan\\_%`.* TO `u`@`%`']],
    ['on the whole server', ['GRANT SELECT, INSERT ON *.* TO `u`@`%`']],
    [
      'on every table',
      [
        'GRANT SELECT, INSERT ON `tan_dem`.`a` TO `u`@`%`',
        'GRANT INSERT, SELECT ON `tan_dem`.`b` TO `u`@`%`',
      ],
    ],
    ['in parts', ['GRANT SELECT ON `tan_dem`.* TO `u`@`%`', 'GRANT INSERT ON `tan_dem`.* TO `r`@`%`']],
    ['as everything', ['GRANT ALL PRIVILEGES ON `tan_dem`.* TO `u`@`%`']],
  ])('counts %s', (_where, lines) => {
    expect(rights(['GRANT USAGE ON *.* TO `u`@`%`', ...lines]).missing).toEqual([]);
  });

  it.each([
    ['of another database', ['GRANT SELECT, INSERT ON `tandem`.* TO `u`@`%`']],
    ['of a pattern that means another', ['GRANT SELECT, INSERT ON `tan\\_dem\\_%`.* TO `u`@`%`']],
    ['on one of the tables', ['GRANT SELECT, INSERT ON `tan_dem`.`a` TO `u`@`%`']],
    ['on columns', ['GRANT SELECT (`x`, `y`), INSERT (`x`) ON `tan_dem`.`a` TO `u`@`%`']],
    ['of a role that is not active', ['GRANT `rows`@`%` TO `u`@`%`']],
    [
      'that was partly revoked',
      ['GRANT SELECT, INSERT ON *.* TO `u`@`%`', 'REVOKE SELECT, INSERT ON `tan_dem`.* FROM `u`@`%`'],
    ],
  ])('does not count a right %s', (_where, lines) => {
    expect(rights(lines).missing).toEqual(needed);
  });

  it('is too much beyond the database, beyond its rows, and where it can be passed on', () => {
    expect(rights(['GRANT SELECT, INSERT, EXECUTE ON `tan_dem`.* TO `u`@`%`']).beyond).toEqual([]);
    expect(rights(['GRANT CREATE, DROP, INSERT ON `tan_dem`.* TO `u`@`%` WITH GRANT OPTION']).beyond).toEqual(
      ['DROP, CREATE on tan_dem', 'GRANT OPTION, to give its rights to others'],
    );
    expect(
      rights(['GRANT SHUTDOWN, SUPER ON *.* TO `u`@`%`', 'GRANT SELECT ON `mysql`.* TO `u`@`%`']).beyond,
    ).toEqual(['SUPER, SHUTDOWN on the whole server', 'rights on the system database mysql']);
    expect(rights(['GRANT DROP ON `tan_dem`.`b` TO `u`@`%`']).beyond).toEqual(['DROP on tan_dem']);
  });
});

describe('the limits of a server', () => {
  const enough = {
    maxConnections: 100,
    maxUserConnections: 20,
    waitTimeoutSeconds: 28_800,
    maxAllowedPacket: 64 * 1024 * 1024,
    demand: 20,
    demandText: 'POOL_MAX 20',
    idleTimeoutMs: 60_000,
  };
  const found = (changes: Partial<typeof enough>) =>
    limitProblems({ ...enough, ...changes }).map(({ kind, severity }) => `${kind} ${severity}`);

  it('fail where the pools may open more than server or account allow', () => {
    expect(found({})).toEqual([]);
    expect(found({ demand: 21 })).toEqual(['CONNECTIONS_TOO_FEW failure']);
    expect(found({ maxUserConnections: 0, demand: 80 })).toEqual([]);
    expect(found({ maxUserConnections: 0, demand: 81 })).toEqual(['CONNECTIONS_SCARCE warning']);
    expect(found({ maxUserConnections: 0, demand: 101 })).toEqual(['CONNECTIONS_TOO_FEW failure']);
  });

  it('warn of idle connections that the server closes first, and of small statements', () => {
    expect(found({ waitTimeoutSeconds: 60 })).toEqual(['WAIT_TIMEOUT_SHORT warning']);
    expect(found({ waitTimeoutSeconds: 61 })).toEqual([]);
    expect(found({ maxAllowedPacket: 4 * 1024 * 1024 - 1 })).toEqual(['PACKET_SMALL warning']);
  });
});

describe('a certificate', () => {
  const certificate = {
    subject: 'CN=server',
    issuer: 'O=Somebody\nCN=Their CA',
    subjectAltName: 'DNS:db.example.org',
    validFromDate: new Date('2026-01-01'),
    validToDate: new Date('2027-01-01'),
  };

  it.each([
    [{ hostFault: false }, null],
    [{ hostFault: true }, ['TLS_HOST_MISMATCH', 'it is for DNS:db.example.org']],
    [
      { hostFault: true, chainFault: 'CERT_HAS_EXPIRED' },
      ['TLS_CERT_EXPIRED', expect.stringContaining('2027-01-01')],
    ],
    [
      { hostFault: false, chainFault: 'CERT_NOT_YET_VALID' },
      ['TLS_CERT_NOT_YET_VALID', 'from 2026-01-01 on'],
    ],
    [
      { hostFault: false, chainFault: 'SELF_SIGNED_CERT_IN_CHAIN' },
      ['TLS_CA_UNKNOWN', 'O=Somebody, CN=Their CA; SELF_SIGNED_CERT_IN_CHAIN'],
    ],
    [{ hostFault: false, chainFault: 'CERT_REVOKED' }, ['TLS_FAILED', 'CERT_REVOKED']],
  ])('with %o is refused for %o', (faults, expected) => {
    expect(certificateFault({ certificate, ...faults })).toEqual(expected);
  });

  it('is warned about for its last thirty days', () => {
    const until = new Date('2027-01-01');
    expect(daysLeft(until, new Date('2026-12-02'))).toEqual({ days: 30 });
    expect(daysLeft(until, new Date('2026-12-02T00:00:01Z')).warning).toContain('2027-01-01, in 29 days');
  });
});

describe('the first packet', () => {
  const packet = (payload: Buffer) => Buffer.concat([Buffer.from([payload.length, 0, 0, 0]), payload]);
  const hello = (capabilities: number) =>
    packet(
      Buffer.concat([
        Buffer.from('\x0a8.4.0\0'),
        Buffer.alloc(13),
        Buffer.from([capabilities & 255, capabilities >> 8]),
      ]),
    );

  it('says the version, and whether there is TLS', () => {
    expect(parseHandshake(hello(0x0a00))).toEqual({ version: '8.4.0', tls: true });
    expect(parseHandshake(hello(0x0200))).toEqual({ version: '8.4.0', tls: false });
  });

  it('may come in pieces', () => {
    const whole = hello(0x0800);
    for (let length = 0; length < whole.length; length += 1) {
      expect(parseHandshake(whole.subarray(0, length))).toBeUndefined();
    }
  });

  it('may be a refusal', () => {
    const refusal = packet(Buffer.from('\xff\x10\x04Too many connections', 'latin1'));
    expect(parseHandshake(refusal)).toEqual({ errno: 1040, sqlMessage: 'Too many connections' });
  });

  it('may be of something else', () => {
    expect(parseHandshake(Buffer.from('SSH-2.0-OpenSSH'))).toBeNull();
    expect(parseHandshake(packet(Buffer.from('\x0a8.4.0')))).toBeNull();
  });

  it('is answered with a request for TLS of 32 bytes, second in the sequence', () => {
    expect([...tlsRequest().subarray(0, 4)]).toEqual([32, 0, 0, 1]);
    expect(tlsRequest().readUInt16LE(4) & 0x0800).toBe(0x0800);
  });
});

describe('the level of a schema', () => {
  it.each([
    [['a', 'b'], 'CURRENT', [], []],
    [['a'], 'OUTDATED', ['b'], []],
    [[], 'OUTDATED', ['a', 'b'], []],
    [['a', 'b', 'c'], 'NEWER', [], ['c']],
    [['a', 'c'], 'OUTDATED', ['b'], ['c']],
  ])('after %j is %s', (applied, level, missing, unknown) => {
    expect(levelOf(applied, ['a', 'b'])).toEqual({ level, missing, unknown });
  });
});

describe('a server’s support', () => {
  const today = new Date('2026-11-29');

  it.each([
    [
      '8.0.42-google',
      'MySQL ended the support of 8.0 on 2026-04-30; a cloud may charge for extended support.',
    ],
    ['5.7.44', 'MySQL ended the support of 5.7 on 2023-10-31; a cloud may charge for extended support.'],
    ['9.4.0', 'MySQL 9.4 is an innovation release, which has no support any more.'],
    ['8.4.7-azure', undefined],
    ['9.7.4-2', undefined],
    ['10.0.1', undefined],
    ['', undefined],
  ])('of %s is warned about as it is', (version, text) => {
    expect(supportProblem(version, today)).toBe(text);
  });

  it('is warned about half a year before its end', () => {
    expect(supportProblem('8.4.9', new Date('2031-10-01'))).toBeUndefined();
    expect(supportProblem('8.4.9', new Date('2031-12-01'))).toBe(
      'MySQL ends the support of 8.4 on 2032-04-30.',
    );
  });
});

describe('a token’s life', () => {
  const token = (claims: object) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
  const now = new Date(1_000_000);

  it('is what its claim leaves, and unknown where there is none', () => {
    expect(tokenLifeMs(token({ exp: 1060 }), now)).toBe(60_000);
    expect(tokenLifeMs(token({}), now)).toBeUndefined();
    for (const other of ['ya29.opaque', 'a.b.c', 'a password'])
      expect(tokenLifeMs(other, now)).toBeUndefined();
  });
});

describe('replication from a server', () => {
  it('is shut out without a binary log', () => {
    expect(replicationState({ log_bin: 'OFF' })).toBe('no binary log, so nothing can replicate from it');
    expect(replicationState({ log_bin: 'ON', binlog_expire_logs_seconds: '0' })).toMatch(/without a time/);
    expect(replicationState({ log_bin: 'ON', binlog_expire_logs_seconds: '604800' })).toMatch(/for 604800 s/);
  });
});
