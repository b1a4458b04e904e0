import type { Explanation } from '../errors/explanation.ts';

/** A difference from the sealed trail. */
export interface AuditFinding {
  readonly kind: AuditFindingKind;
  readonly seal?: number;
  /** The id of the row. */
  readonly row?: string;
}

export type AuditFindingKind = keyof typeof auditFindings;

/** The meaning of each kind of finding, and the remedy. docs/audit.md has the same table, and a test compares both. */
export const auditFindings = {
  ROW_CHANGED: {
    cause: 'a row is not as it was sealed; also where rows have changed places',
    remedy: 'Compare the row with a backup, and look in the binary log for the account that changed it.',
  },
  ROW_REMOVED: {
    cause: 'a sealed row is not there',
    remedy: 'Take the row from a backup, and look in the binary log for the account that deleted it.',
  },
  ROW_INSERTED: {
    cause: 'a row has an id among sealed ones, and no seal has it after an hour of seals',
    remedy: 'Look in the binary log for the account that added it: the server adds rows behind the last one.',
  },
  SEAL_CHANGED: {
    cause: 'a seal does not have the hash of what it holds',
    remedy:
      'Compare the seal with the exported one, and look in the binary log for the account that changed it.',
  },
  SEAL_REMOVED: {
    cause: 'a number of the chain, or an exported seal, is missing',
    remedy: 'Take the seal from a backup, and look in the binary log for the account that deleted it.',
  },
  SEAL_REORDERED: {
    cause: 'a seal does not follow from the one before',
    remedy: 'Look at the seal before it: it was removed, or another one stands in its place.',
  },
  SEAL_REPLACED: {
    cause: 'a seal is not the one that was exported',
    remedy: 'Believe the exported file: the chain was made anew from that seal on.',
  },
} as const satisfies Record<string, Explanation>;
