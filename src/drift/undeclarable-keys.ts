import { isDeepStrictEqual } from 'node:util';
import type { ForeignKeyModel, IndexModel, TableModel } from '../information-schema/model.ts';

// Differences of keys that no entity can declare: where the table itself has it, entities and table are alike.

/** The foreign keys of a table that lead to other columns than a primary key, or to another database; without those declared. */
export function undeclarableForeignKeys(
  table: TableModel | undefined,
  tables: readonly TableModel[],
  declared: readonly ForeignKeyModel[],
  fold: (name: string) => string,
): ForeignKeyModel[] {
  const names = new Set(declared.map(({ name }) => name.toLowerCase()));
  const isUndeclarable = ({ name, references }: ForeignKeyModel) => {
    if (names.has(name.toLowerCase())) return false;
    if (references.schema !== null) return true;
    const target = tables.find((each) => fold(each.name) === fold(references.table));
    const key = target?.indexes.find((index) => index.name === 'PRIMARY')?.parts ?? [];
    return !isDeepStrictEqual(sorted(key.map(({ column }) => column ?? '')), sorted(references.columns));
  };
  return table?.foreignKeys.filter(isUndeclarable) ?? [];
}

const sorted = (names: readonly string[]) => names.map((name) => name.toLowerCase()).toSorted();

/** The parts of a primary key: which of its columns go backward is as the table has it, where the columns are the same. */
export function keyParts(declared: IndexModel['parts'], there: IndexModel | undefined): IndexModel['parts'] {
  const columns = (parts: IndexModel['parts']) => parts.map(({ column }) => column?.toLowerCase());
  return there !== undefined && isDeepStrictEqual(columns(there.parts), columns(declared))
    ? there.parts
    : declared;
}
