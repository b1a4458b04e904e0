import { tableOf } from '../../entities/table.ts';

/** How descriptions name the rows of a table. */
export interface Wording {
  /** `medical record` */
  readonly row: string;
  /** `a medical record` */
  readonly aRow: string;
  /** `medical records` */
  readonly rows: string;
}

/** The words in the names of a table's root fields; those of its class where it has none. */
export function wordingOf(entity: abstract new (...args: never[]) => object): Wording {
  const { one, many } = tableOf(entity) ?? { one: entity.name, many: `${entity.name} rows` };
  const row = wordsOf(one);
  return { row, aRow: `${/^[aeiou]/.test(row) ? 'an' : 'a'} ${row}`, rows: wordsOf(many) };
}

function wordsOf(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, ' $&').toLowerCase();
}
