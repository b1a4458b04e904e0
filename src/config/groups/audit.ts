import { resolve } from 'node:path';
import { anyText } from '../kinds.ts';
import { settingsGroup, type ValuesOf } from '../setting.ts';

/** Where it is recorded what requests do. */
export interface AuditConfig {
  /** The database of the trail of writes, on the server of each source; absent: there is none. */
  readonly database?: string;
  /** The file to which events of reads are added; absent: reads are not recorded. */
  readonly reads?: string;
}

export const auditSettings = settingsGroup({
  title: 'Audit trail',
  page: 'audit.md',
  prefix: 'AUDIT_',
  settings: {
    database: {
      variable: 'AUDIT_DATABASE',
      kind: anyText('the name of a database'),
      example: 'tandem_audit',
      help: 'Database of each server in which every write is recorded, in the transaction of the write; empty: no trail is kept.',
    },
    reads: {
      variable: 'AUDIT_READS',
      kind: anyText('a file'),
      help: 'File to which each operation adds what it has read, before it is answered; empty: reads are not recorded.',
    },
  },
});

/** Undefined where nothing is recorded. */
export function toAudit(
  { database, reads }: ValuesOf<typeof auditSettings>,
  directory: string,
): AuditConfig | undefined {
  if (database === undefined && reads === undefined) return undefined;
  return {
    ...(database !== undefined && { database }),
    ...(reads !== undefined && { reads: resolve(directory, reads) }),
  };
}
