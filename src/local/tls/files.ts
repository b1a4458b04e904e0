import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type SourceName, sourceNames } from '../../source-name.ts';

const RENEW_DAYS = 30;

/** Paths of the files one server needs for TLS. */
export interface TlsFiles {
  ca: string;
  certificate: string;
  key: string;
}

export function tlsFiles(dir: string, source: SourceName): TlsFiles {
  const name = source.toLowerCase();
  return {
    ca: join(dir, 'ca.pem'),
    certificate: join(dir, `${name}-cert.pem`),
    key: join(dir, `${name}-key.pem`),
  };
}

/** Makes the authority and the servers' certificates once, and again before they expire. */
export async function ensureTls(dir: string): Promise<void> {
  if (sourceNames.every((source) => isUsable(tlsFiles(dir, source)))) return;
  // Loaded only here: a library of 100 ms, needed once a home.
  const { makeCertificates } = await import('./certificates.ts');
  const { ca, servers } = await makeCertificates(sourceNames);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (const source of sourceNames) {
    const files = tlsFiles(dir, source);
    await writeFile(files.key, servers[source]?.key ?? '', { mode: 0o600 });
    await writeFile(files.certificate, servers[source]?.certificate ?? '');
    await writeFile(files.ca, ca);
  }
}

function isUsable({ ca, certificate, key }: TlsFiles): boolean {
  if (![ca, certificate, key].every((file) => existsSync(file))) return false;
  try {
    const own = new X509Certificate(readFileSync(certificate));
    const authority = new X509Certificate(readFileSync(ca));
    return own.verify(authority.publicKey) && daysLeft(own) > RENEW_DAYS;
  } catch {
    return false;
  }
}

function daysLeft(certificate: X509Certificate): number {
  return (Date.parse(certificate.validTo) - Date.now()) / 86_400_000;
}
