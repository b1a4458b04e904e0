import { X509Certificate } from 'node:crypto';

const begin = '-----BEGIN CERTIFICATE-----';
const certificate = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Whether a text holds certificates in PEM, each of them whole: https://www.rfc-editor.org/rfc/rfc7468#section-5 */
export function areCertificates(pem: string): boolean {
  const found = pem.match(certificate) ?? [];
  if (found.length === 0 || found.length !== pem.split(begin).length - 1) return false;
  try {
    for (const text of found) new X509Certificate(text);
    return true;
  } catch {
    return false;
  }
}
