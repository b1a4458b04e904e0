import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates } from '../../src/local/tls/certificates.ts';
import { connector } from '../../src/sources/pool/open-connection.ts';
import { passwordsOf } from '../../src/sources/pool/passwords.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';

const native = await hasNativeServer();

describe.skipIf(!native)('the file of the certificate authority', () => {
  let own: OwnServer;
  let folder: string;
  let right: string;
  let foreign: string;

  beforeAll(async () => {
    own = await startOwnServer();
    folder = await mkdtemp(join(tmpdir(), 'tandem-ca-'));
    right = own.config.tls.ca ?? '';
    foreign = (await makeCertificates(['AZURE'])).ca;
  });
  afterAll(async () => {
    await own?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** A way to connect with a file of certificates; `attempt` tells `ok`, or the code of the refusal. */
  async function connecting(pem: string) {
    const caFile = join(folder, `${Math.random()}.pem`);
    await writeFile(caFile, pem);
    const database = { ...own.config, tls: { mode: 'VERIFY_IDENTITY', ca: pem, caFile } as const };
    const { runtime } = own.config;
    const connect = connector(database, runtime, passwordsOf(runtime, 3000))({ timeoutMs: 10_000 });
    const attempt = () =>
      new Promise<string>((resolve) => {
        connect((error, link) => {
          link?.connection.on('error', () => {});
          link?.cut();
          resolve(error === null ? 'ok' : String((error as { code?: unknown }).code));
        });
      });
    return { caFile, attempt };
  }

  it('is read again at the next connection when it has changed', async () => {
    const { caFile, attempt } = await connecting(foreign);
    expect(await attempt()).not.toBe('ok');
    await writeFile(caFile, right);
    expect(await attempt()).toBe('ok');
    // Replaced as a whole, as orchestrators do it.
    await writeFile(`${caFile}.new`, foreign);
    await rename(`${caFile}.new`, caFile);
    expect(await attempt()).not.toBe('ok');
  });

  it.each([
    ['half written', (pem: string) => pem.slice(0, pem.length / 2)],
    ['empty', () => ''],
    ['of something else', () => 'not a certificate'],
    ['with a second certificate that is half written', (pem: string) => pem + pem.slice(0, 200)],
  ])('leaves those known in use while it is %s', async (_, part) => {
    const { caFile, attempt } = await connecting(right);
    await writeFile(caFile, part(right));
    expect(await attempt()).toBe('ok');
    await writeFile(caFile, foreign);
    expect(await attempt()).not.toBe('ok');
  });

  it('leaves those known in use while it is gone', async () => {
    const { caFile, attempt } = await connecting(right);
    await rm(caFile);
    expect(await attempt()).toBe('ok');
  });
});
