import type { Reason } from '../errors/explain-reason.ts';
import { reasonOf } from '../errors/reason-of.ts';

/** Days before the end of a certificate from which it is warned about. */
const WARN_DAYS = 30;

/** The certificate that a server showed, and the results of the checks. */
interface Shown {
  readonly certificate: {
    readonly subject: string;
    readonly issuer: string;
    readonly subjectAltName?: string | undefined;
    readonly validFromDate: Date;
    readonly validToDate: Date;
  };
  /** OpenSSL's name of what is wrong with the chain, such as CERT_HAS_EXPIRED. */
  readonly chainFault?: string | undefined;
  /** Whether the certificate is for another host. */
  readonly hostFault: boolean;
}

type Faults =
  | 'TLS_CERT_EXPIRED'
  | 'TLS_CERT_NOT_YET_VALID'
  | 'TLS_CA_UNKNOWN'
  | 'TLS_HOST_MISMATCH'
  | 'TLS_FAILED';

/** Why preflight refuses a certificate, with the field that shows it; null: it does not. */
export function certificateFault({
  certificate,
  chainFault,
  hostFault,
}: Shown): readonly [Faults, string] | null {
  const { subject, issuer, subjectAltName, validFromDate, validToDate } = certificate;
  if (chainFault === undefined) {
    return hostFault ? ['TLS_HOST_MISMATCH', `it is for ${subjectAltName ?? oneLine(subject)}`] : null;
  }
  const reason: Reason | null = reasonOf({ code: chainFault });
  if (reason === 'TLS_CERT_EXPIRED') return [reason, `the server’s own is valid until ${day(validToDate)}`];
  if (reason === 'TLS_CERT_NOT_YET_VALID') return [reason, `from ${day(validFromDate)} on`];
  if (reason === 'TLS_CA_UNKNOWN') return [reason, `${oneLine(issuer)}; ${chainFault}`];
  return ['TLS_FAILED', chainFault];
}

/** Whole days that a certificate has left, and a warning when they are few. */
export function daysLeft(validTo: Date, now: Date): { readonly days: number; readonly warning?: string } {
  const days = Math.floor((validTo.getTime() - now.getTime()) / 86_400_000);
  if (days >= WARN_DAYS) return { days };
  return { days, warning: `The server’s certificate ends on ${day(validTo)}, in ${days} days.` };
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function oneLine(name: string): string {
  return name.trim().replaceAll('\n', ', ');
}
