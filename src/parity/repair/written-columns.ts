import type { ColumnModel, TableModel } from '../../information-schema/model.ts';
import type { SourceName } from '../../source-name.ts';
import { quoteName } from '../../sql/quote.ts';
import { comparedType } from '../compared-type.ts';
import { doubleLiteral } from '../double-literal.ts';
import type { TablePair } from '../table-pair.ts';
import { jsonLiteral } from './json-literal.ts';

/** A column as a repair carries it from one cloud to the other: all digits and all bytes of its values. */
export interface WrittenColumn {
  /** Quoted, as the side that is changed spells it. */
  readonly name: string;
  readonly isJson: boolean;
  /** SQL for the text of a value on the side that counts as right; NULL for NULL. */
  readonly read: string;
  /** A value as SQL, of such a text. */
  literal(text: string | null): string;
}

/** The columns for which an INSERT or UPDATE gives values: the server computes generated ones. */
export function writtenColumns({ models, columns }: TablePair, from: SourceName): WrittenColumn[] {
  const to = from === 'AZURE' ? 'GCP' : 'AZURE';
  const compared = new Set(columns.map(({ name }) => name.toLowerCase()));
  return models[to].columns
    .filter(({ name, generated }) => generated === null && compared.has(name.toLowerCase()))
    .map((column) => writtenColumn(columnLike(models[from], column), column));
}

function columnLike({ columns }: TableModel, { name }: ColumnModel): ColumnModel {
  const found = columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw new Error('A column that is compared is on one side only.');
  return found;
}

function writtenColumn(from: ColumnModel, to: ColumnModel): WrittenColumn {
  const column = quoteName(from.name);
  const { read, pattern, literal } = wayOf(from, column);
  return {
    name: quoteName(to.name),
    isJson: to.type === 'json',
    read,
    literal(text) {
      if (text === null) return 'null';
      if (!pattern.test(text)) throw new Error('A value that is carried is not written as its type.');
      return literal(text);
    },
  };
}

const digits = /^-?\d+(\.\d+)?$/;
const real = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const time = /^-?[\d:. -]+$/;
/** Without a group, which of a value of many megabytes would take too much of the stack. */
const bytes = /^[\dA-F]*$/i;

interface Way {
  readonly read: string;
  readonly pattern: RegExp;
  readonly literal: (text: string) => string;
}

function wayOf({ type, charset }: ColumnModel, column: string): Way {
  const { family, name: base } = comparedType(type);
  switch (family) {
    case 'number':
    case 'bit':
    // By its place: an item's text may be of any character set.
    case 'enum':
      return { read: `cast(${column} + 0 as char)`, pattern: digits, literal: (text) => text };
    // By its bits, of which a sum would be a double: that holds 53 of 64.
    case 'set':
      return { read: `cast(cast(${column} as unsigned) as char)`, pattern: digits, literal: (text) => text };
    case 'float':
      // As JSON, whose numbers have all digits: of others MySQL leaves out those that are beyond 22 characters.
      return { read: `cast(cast(${column} as json) as char)`, pattern: real, literal: doubleLiteral };
    case 'temporal':
      return { read: `cast(${column} as char)`, pattern: time, literal: quoted };
    case 'text':
      return {
        read: `hex(${column})`,
        pattern: bytes,
        literal: (hex) => `_${charset ?? 'utf8mb4'} x'${hex}'`,
      };
    default:
      return {
        read: `hex(${base === 'json' ? `cast(${column} as char)` : column})`,
        pattern: bytes,
        literal: (hex) => (base === 'json' ? jsonLiteral(Buffer.from(hex, 'hex').toString()) : `x'${hex}'`),
      };
  }
}

const quoted = (text: string) => `'${text}'`;
