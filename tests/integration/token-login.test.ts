import { createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Account, DatabaseConfig } from '../../src/config/groups/database.ts';
import type { Reason } from '../../src/errors/explain-reason.ts';
import { reasonOf } from '../../src/errors/reason-of.ts';
import { type KeyAndCertificate, makeCertificates } from '../../src/local/tls/certificates.ts';
import { connector } from '../../src/sources/pool/open-connection.ts';
import { passwordsOf } from '../../src/sources/pool/passwords.ts';

/** As long as a token of Entra is. */
const token = `canary.${'t'.repeat(2500)}`;
const withCommand: Account = { user: 'app', password: { argv: ['printf', token], cacheMs: 1000 } };
const withPassword: Account = { user: 'app', password: token };

type Certified = Awaited<ReturnType<typeof makeCertificates>>;
let right: Certified;
let wrong: Certified;
beforeAll(async () => {
  right = await makeCertificates(['AZURE']);
  wrong = await makeCertificates(['AZURE']);
});

/** Packets of MySQL's protocol: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html */
function packet(sequence: number, ...parts: (Buffer | string | number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  return Buffer.concat([Buffer.from([body.length & 0xff, body.length >> 8, 0, sequence]), body]);
}
/** Low half of the capabilities, of which 0x0800 is TLS. */
const greeting = (flags: number) =>
  packet(
    0,
    [10],
    '8.4.0\0',
    [1, 0, 0, 0],
    '12345678\0',
    [flags & 0xff, flags >> 8, 45, 2, 0, 0xff, 0xdf, 21],
    Buffer.alloc(10),
    '123456789012\0',
    'caching_sha2_password\0',
  );
const asksForClearPassword = (sequence: number) => packet(sequence, [0xfe], 'mysql_clear_password\0');
const ok = (sequence: number) => packet(sequence, [0, 0, 0, 2, 0, 0, 0]);

interface Behaviour {
  readonly tls: KeyAndCertificate | null;
  /** Sends the request right behind the greeting, as somebody between can. */
  readonly early?: boolean;
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
}

/** A server whose accounts log in with tokens, as those of the clouds do, and all that it heard in clear or through TLS. */
async function tokenServer({ tls, early = false, maxVersion = 'TLSv1.3' }: Behaviour) {
  let heard = Buffer.alloc(0);
  const open = new Set<Socket>();
  const answer = (socket: Socket) => {
    let packets = 0;
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes]);
      packets += 1;
      // The login, then the token.
      if (packets === 1) socket.write(asksForClearPassword(bytes[3] === undefined ? 0 : bytes[3] + 1));
      else socket.write(ok((bytes[3] ?? 0) + 1));
    });
  };
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.write(greeting(tls === null ? 0xf7ff : 0xffff));
    if (early) socket.write(asksForClearPassword(2));
    if (tls === null) {
      answer(socket);
      return;
    }
    socket.once('data', (bytes) => {
      // The request for TLS, and perhaps the beginning of it.
      heard = Buffer.concat([heard, bytes.subarray(0, 36)]);
      socket.pause();
      socket.unshift(bytes.subarray(36));
      const context = { key: tls.key, cert: tls.certificate, maxVersion };
      answer(new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(context) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    heard: () => heard.toString('latin1'),
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Why a login failed; `in` where it did not. */
async function logIn(port: number, account: Account): Promise<Reason | 'in' | null> {
  const tls: DatabaseConfig['tls'] = { mode: 'VERIFY_IDENTITY', ca: right.ca };
  const database = { host: '127.0.0.1', port, name: 'tandem', tls, runtime: account, migrator: account };
  const connect = connector(database, account, passwordsOf(account, 2000));
  return new Promise((resolve) => {
    connect({ timeoutMs: 2000 })((error, link) => {
      link?.connection.on('error', () => {});
      link?.cut();
      resolve(error === null ? 'in' : reasonOf(error));
    });
  });
}

const certificate = ({ servers }: Certified) => servers.AZURE as KeyAndCertificate;

describe('a server that asks for the password as it is', () => {
  it('gets the token of a command, through TLS', async () => {
    await using server = await tokenServer({ tls: certificate(right) });
    expect(await logIn(server.port, withCommand)).toBe('in');
    expect(server.heard()).toContain(`${token}\0`);
  });

  it('gets it each time, also where TLS goes on from a session before', async () => {
    await using server = await tokenServer({ tls: certificate(right), maxVersion: 'TLSv1.2' });
    const connect = () => logIn(server.port, withCommand);
    expect([await connect(), await connect(), await connect()]).toEqual(['in', 'in', 'in']);
  });

  it('never gets a fixed password', async () => {
    await using server = await tokenServer({ tls: certificate(right) });
    expect(await logIn(server.port, withPassword)).toBe('AUTHENTICATION_UNSUPPORTED');
    expect(server.heard()).not.toContain('canary');
  });

  it.each<readonly [string, () => Behaviour, Reason]>([
    ['has no TLS', () => ({ tls: null }), 'TLS_NOT_OFFERED'],
    ['has no TLS, and asks at once', () => ({ tls: null, early: true }), 'TLS_NOT_OFFERED'],
    ['is another', () => ({ tls: certificate(wrong) }), 'TLS_CA_UNKNOWN'],
    ['asks before TLS', () => ({ tls: certificate(right), early: true }), 'TLS_FAILED'],
    ['asks before TLS, and is another', () => ({ tls: certificate(wrong), early: true }), 'TLS_FAILED'],
    [
      'asks before TLS 1.2, and is another',
      () => ({ tls: certificate(wrong), early: true, maxVersion: 'TLSv1.2' }),
      'TLS_FAILED',
    ],
  ])('gets none where it %s', async (_what, behaviour, reason) => {
    await using server = await tokenServer(behaviour());
    expect(await logIn(server.port, withCommand)).toBe(reason);
    expect(server.heard()).not.toContain('canary');
  });
});
