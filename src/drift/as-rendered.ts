import { generatedKey } from '../information-schema/generated-key.ts';
import type { ColumnModel, IndexModel, TableModel } from '../information-schema/model.ts';

/**
 * An entity's table in the words of a server: types, defaults, expressions and indexes are as it spells them. A property
 * that the entity leaves open stays as the database has it.
 */
export function asRendered(
  own: TableModel,
  rendered: TableModel,
  beside: TableModel | undefined,
): TableModel {
  const added = generatedKey(rendered);
  return {
    ...own,
    columns: own.columns.map((column) => {
      const shown = rendered.columns.find(({ name }) => same(name, column.name));
      return shown === undefined ? column : columnAs(column, shown, rendered.collation);
    }),
    indexes: rendered.indexes
      .filter(({ name }) => added === null || name !== 'PRIMARY')
      .map((index) => {
        const byName = ({ name }: IndexModel) => same(name, index.name);
        return indexAs(index, own.indexes.find(byName), beside?.indexes.find(byName));
      }),
    // An entity's are enforced; others are those of the table itself (declared-schema.ts).
    checks: [...rendered.checks, ...own.checks.filter(({ enforced }) => !enforced)],
  };
}

function columnAs(own: ColumnModel, shown: ColumnModel, tableCollation: string): ColumnModel {
  const { type, nullable, default: initial, autoIncrement, generated } = shown;
  // A text column that has another collation than its table names it.
  const takes = shown.collation === null || shown.collation !== tableCollation || own.collation === null;
  const { charset, collation } = takes ? shown : own;
  return {
    ...own,
    type,
    nullable,
    default: initial,
    autoIncrement,
    generated,
    charset,
    collation,
    onUpdate: shown.onUpdate ?? own.onUpdate,
    invisible: shown.invisible || own.invisible,
    srid: shown.srid ?? own.srid,
  };
}

function indexAs(shown: IndexModel, own: IndexModel | undefined, beside: IndexModel | undefined): IndexModel {
  return {
    ...shown,
    // A scratch table has the default engine; HASH is one of the table's own.
    kind: shown.kind === 'BTREE' && beside?.kind === 'HASH' ? 'HASH' : shown.kind,
    parser: shown.parser ?? beside?.parser ?? null,
    visible: shown.visible && (own ?? beside)?.visible !== false,
    comment: shown.comment || (beside?.comment ?? ''),
  };
}

const same = (left: string, right: string) => left.toLowerCase() === right.toLowerCase();
