import type { DatabaseConfig } from '../../config/groups/database.ts';

export interface TlsOptions {
  readonly ca?: string;
  readonly minVersion: 'TLSv1.2';
  readonly rejectUnauthorized: true;
  readonly verifyIdentity: boolean;
}

/** TLS is always on and checks the chain, and the host's name too unless the mode says otherwise. */
export function tlsOptions({ tls }: DatabaseConfig): TlsOptions {
  return {
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    verifyIdentity: tls.mode === 'VERIFY_IDENTITY',
  };
}
