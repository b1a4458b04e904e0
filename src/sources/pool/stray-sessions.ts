import type { ControlSession } from './control-session.ts';
import type { SlotTable } from './slot-table.ts';

/**
 * Sessions that use a slot and that no process stands for, since theirs is gone or cut off. They keep their slot until a
 * process has ended them.
 */
export function createStraySessions({
  control,
  inUse,
  hold,
  graceMs,
}: {
  readonly control: Pick<ControlSession, 'ask'>;
  /** Slots of sessions of this process. */
  readonly inUse: ReadonlySet<number>;
  /** Takes slots; answers with those that it got. */
  readonly hold: (slots: readonly number[]) => Promise<number[]>;
  /** Milliseconds that their process has to come back. */
  readonly graceMs: number;
}) {
  /** Since when, by slot. */
  const since = new Map<number, number>();
  return {
    get size() {
      return since.size;
    },
    /** Ends those whose process had time to come back. */
    async end({ owners, sessions, me }: SlotTable): Promise<void> {
      const now = performance.now();
      for (const [slot, session] of sessions.entries()) {
        const owner = owners[slot];
        if (session === null || inUse.has(slot) || (owner !== null && owner !== me)) {
          since.delete(slot);
          continue;
        }
        if (!since.has(slot)) since.set(slot, now);
        if (now - (since.get(slot) as number) < graceMs) continue;
        if (owner === null && (await hold([slot])).length === 0) continue;
        // Another process may have done so: ER_NO_SUCH_THREAD.
        await control.ask(`kill connection ${session}`).catch(() => []);
      }
    },
  };
}
