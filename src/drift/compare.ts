import type { SchemaModel } from '../information-schema/model.ts';
import { comparePrograms } from './compare-programs.ts';
import { compareTables } from './compare-tables.ts';
import type { Compared } from './compared.ts';
import type { Finding } from './finding.ts';

/**
 * Every difference between two schemas, in the order of the objects' names. The left side is taken for right.
 * Nothing is asked of a database.
 */
export function compareSchemas(
  left: SchemaModel,
  right: SchemaModel,
  { fold = (name: string) => name, mayHaveMore = false, notVisible = new Set() }: Partial<Compared> = {},
): Finding[] {
  const compared = { fold, mayHaveMore, notVisible };
  const tables = compareTables(left, right, compared);
  return [...tables, ...comparePrograms(left, right, compared)];
}
