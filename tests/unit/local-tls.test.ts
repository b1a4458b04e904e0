import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeCertificates } from '../../src/local/tls/certificates.ts';
import { ensureTls, tlsFiles } from '../../src/local/tls/files.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tandem-tls-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe.each(['AZURE', 'GCP'] as const)('the certificate of %s', (source) => {
  test('is signed by the authority, for the two names of loopback, and can sign nothing', async () => {
    await ensureTls(dir);
    const files = tlsFiles(dir, source);
    const certificate = new X509Certificate(readFileSync(files.certificate));
    const ca = new X509Certificate(readFileSync(files.ca));
    expect(certificate.checkIssued(ca)).toBe(true);
    expect(certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkHost('example.org')).toBeUndefined();
    expect([ca.ca, certificate.ca]).toEqual([true, false]);
    expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(files.key)))).toBe(true);
    expect(statSync(files.key).mode & 0o777).toBe(0o600);
  });

  test('is kept while it is good, and replaced before it expires', async () => {
    await ensureTls(dir);
    const { certificate } = tlsFiles(dir, source);
    const first = readFileSync(certificate, 'utf8');
    await ensureTls(dir);
    expect(readFileSync(certificate, 'utf8')).toBe(first);
    const aging = await makeCertificates([source], new Date(Date.now() - 780 * 86_400_000));
    writeFileSync(certificate, aging.servers[source]?.certificate ?? '');
    writeFileSync(tlsFiles(dir, source).ca, aging.ca);
    await ensureTls(dir);
    const renewed = new X509Certificate(readFileSync(certificate));
    expect(Date.parse(renewed.validTo) - Date.now()).toBeGreaterThan(700 * 86_400_000);
  });
});
