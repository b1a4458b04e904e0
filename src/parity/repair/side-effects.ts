import type { ForeignKeyModel, SchemaModel, TriggerModel } from '../../information-schema/model.ts';
import type { RowOperation } from './row-operation.ts';

/** A side effect of the changes of one table: a trigger, or a foreign key that changes other tables' rows. */
export interface SideEffect {
  readonly table: string;
  /** Such as `trigger audit_patients (AFTER UPDATE)`. */
  readonly what: string;
}

/** The side effects of the server when these rows are written, by the catalogue of the side that is changed. */
export function sideEffects(
  operations: readonly RowOperation[],
  { tables, triggers }: Pick<SchemaModel, 'tables' | 'triggers'>,
  to: 'AZURE' | 'GCP',
): SideEffect[] {
  const byTable = Map.groupBy(operations, ({ pair }) => pair.models[to].name);
  return [...byTable].flatMap(([table, written]) => {
    const actions = new Set<string>(written.map(({ action }) => action));
    const changed = new Set(written.flatMap(({ columns }) => columns.map((name) => name.toLowerCase())));
    const fired = triggers.filter((one) => one.table === table && actions.has(one.event));
    const cascades = tables.flatMap(({ name, foreignKeys }) =>
      foreignKeys
        .filter(({ references }) => references.schema === null && references.table === table)
        .filter((key) => passesOn(key, actions, changed))
        .map((key) => ({ table, what: `foreign key ${key.name} of ${name} (${rulesOf(key)})` })),
    );
    return [...fired.map((trigger) => ({ table, what: triggerText(trigger) })), ...cascades];
  });
}

function passesOn(key: ForeignKeyModel, actions: ReadonlySet<string>, changed: ReadonlySet<string>): boolean {
  const isKept = (rule: string) => rule === 'RESTRICT' || rule === 'NO ACTION';
  const moves = key.references.columns.some((column) => changed.has(column.toLowerCase()));
  return (actions.has('DELETE') && !isKept(key.onDelete)) || (moves && !isKept(key.onUpdate));
}

const triggerText = ({ name, timing, event }: TriggerModel) => `trigger ${name} (${timing} ${event})`;
const rulesOf = ({ onDelete, onUpdate }: ForeignKeyModel) => `ON DELETE ${onDelete}, ON UPDATE ${onUpdate}`;
