import { anyText } from '../kinds.ts';
import { settingsGroup, type ValuesOf } from '../setting.ts';

/** Where the audit trail is kept. */
export interface AuditConfig {
  /** The database that holds it, on the server of each source. */
  readonly database: string;
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
  },
});

/** Undefined where no trail is kept. */
export function toAudit({ database }: ValuesOf<typeof auditSettings>): AuditConfig | undefined {
  return database === undefined ? undefined : { database };
}
