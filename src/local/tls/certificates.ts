// The certificate library resolves its parts with decorators' metadata.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { SourceName } from '../../source-name.ts';

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const VALID_DAYS = 800;

export interface KeyAndCertificate {
  key: string;
  certificate: string;
}

/** Whom the certificates are for. */
const LOCALHOST = { dns: 'localhost', ip: '127.0.0.1' };

/**
 * A certificate authority and one certificate a server, as PEM. The authority's own key is never
 * returned, so nothing else can be signed by it. Rules: RFC 5280, host names in SANs as RFC 9525 asks.
 */
export async function makeCertificates(
  names: readonly SourceName[],
  now = new Date(),
  host: typeof LOCALHOST = LOCALHOST,
): Promise<{ ca: string; servers: Record<string, KeyAndCertificate> }> {
  cryptoProvider.set(webcrypto as unknown as Parameters<typeof cryptoProvider.set>[0]);
  const authority = await newKeys();
  const ca = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Tandem local CA',
    ...validity(now),
    keys: authority,
    signingAlgorithm: EC,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const servers: Record<string, KeyAndCertificate> = {};
  for (const name of names) servers[name] = await issue(name, ca, authority.privateKey, now, host);
  return { ca: pem(ca), servers };
}

async function issue(
  name: SourceName,
  ca: X509Certificate,
  signingKey: webcrypto.CryptoKey,
  now: Date,
  { dns, ip }: typeof LOCALHOST,
) {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=Tandem local ${name}`,
    issuer: ca.subject,
    ...validity(now),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: EC,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: dns },
        { type: 'ip', value: ip },
      ]),
    ],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: `${PemConverter.encode(key, 'PRIVATE KEY')}\n`, certificate: pem(certificate) };
}

/** A day back, for clocks that differ. */
function validity(now: Date) {
  return {
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + VALID_DAYS * DAY_MS),
  };
}

function newKeys() {
  return webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
