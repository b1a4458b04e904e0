import { createHash } from 'node:crypto';
import type { SlotTable } from './slot-table.ts';

/**
 * Statements about the user-level locks that stand for slots. They are the server's, whatever the database:
 * https://dev.mysql.com/doc/refman/8.4/en/locking-functions.html
 */
export interface SlotLockSql {
  /** The table, as a statement whose answer `read` takes. */
  readonly look: string;
  read(row: Readonly<Record<string, number | string | null>>): SlotTable;
  /** Takes the slots that are free; its row has `s<slot>: 1` for each that it got. */
  hold(slots: readonly number[]): string;
  release(slots: readonly number[]): string;
  /** The lock of the session that is opened with a slot. */
  claim(slot: number): string;
}

/** Sessions are counted by account (MAX_USER_CONNECTIONS), and so are slots. */
export function slotLockSql(user: string, max: number): SlotLockSql {
  const account = createHash('sha256').update(user).digest('hex').slice(0, 16);
  const owner = (slot: number) => `tandem.${account}.${slot}`;
  const claim = (slot: number) => `${owner(slot)}.session`;
  const all = Array.from({ length: max }, (_, slot) => slot);
  const each = (slots: readonly number[], column: (slot: number) => string) => slots.map(column).join(', ');
  return {
    look: `select connection_id() as me, @@server_uuid as server, ${each(
      all,
      (slot) => `is_used_lock('${owner(slot)}') as o${slot}, is_used_lock('${claim(slot)}') as s${slot}`,
    )}`,
    read: (row) => ({
      me: Number(row.me),
      server: String(row.server),
      owners: all.map((slot) => numberOrNull(row[`o${slot}`])),
      sessions: all.map((slot) => numberOrNull(row[`s${slot}`])),
    }),
    hold: (slots) => `select ${each(slots, (slot) => `get_lock('${owner(slot)}', 0) as s${slot}`)}`,
    release: (slots) => `select ${each(slots, (slot) => `release_lock('${owner(slot)}')`)}`,
    claim,
  };
}

function numberOrNull(value: number | string | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
