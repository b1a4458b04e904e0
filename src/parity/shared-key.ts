import type { ColumnModel, IndexModel, TableModel } from '../information-schema/model.ts';
import { perSource, type SourceName } from '../source-name.ts';
import { quoteName } from '../sql/quote.ts';
import { type ComparedType, comparedType } from './compared-type.ts';
import { doubleLiteral } from './double-literal.ts';

/** The columns that tell the rows of a table apart on both clouds. */
export interface SharedKey {
  readonly parts: readonly KeyPart[];
  /** The index on each side. */
  readonly index: Readonly<Record<SourceName, string>>;
  /** Whether both sides sort by it alike, so that a range between two keys holds the same keys on both. */
  readonly isOrdered: boolean;
}

export interface KeyPart {
  /** As AZURE spells it. */
  readonly name: string;
  /** Quoted, as each side spells it. */
  readonly column: Readonly<Record<SourceName, string>>;
  readonly kind: 'number' | 'float' | 'temporal' | 'text' | 'bytes' | 'enum';
  readonly descending: boolean;
  /** Of an ENUM, in the order of their definition. */
  readonly items: readonly string[];
  /** Of a text; it stands before literals of it. */
  readonly charset: Readonly<Record<SourceName, string>>;
  /** SQL for what is equal where, and only where, the key is, on both sides; null where its value is. */
  readonly weight: Readonly<Record<SourceName, string | null>>;
}

/**
 * The key by which rows are compared: the primary key, else a unique key without nulls, that both sides have. One by which both sort
 * alike is preferred.
 *
 * @param ignored the invisible key that a server made by itself, on each side
 * @returns null where there is none: a row is known by all its values
 */
export function sharedKey(
  tables: Readonly<Record<SourceName, TableModel>>,
  ignored: Readonly<Record<SourceName, string | null>>,
): SharedKey | null {
  const keys = perSource((source) => uniqueKeys(tables[source], ignored[source]));
  const shared = keys.AZURE.flatMap((azure) => {
    const gcp = keys.GCP.find((other) => sameColumns(azure, other));
    if (gcp === undefined) return [];
    const parts = azure.parts.map(({ column, descending }) => keyPart(tables, column as string, descending));
    if (!parts.every((part) => part !== null)) return [];
    const isOrdered = parts.every(({ name }) => sortAlike(columnsOf(tables, name)));
    return [{ parts, index: { AZURE: azure.name, GCP: gcp.name }, isOrdered }];
  });
  return shared.find(({ isOrdered }) => isOrdered) ?? shared[0] ?? null;
}

function uniqueKeys({ columns, indexes }: TableModel, ignored: string | null): IndexModel[] {
  const isWhole = ({ unique, kind, visible, parts }: IndexModel) =>
    unique &&
    visible &&
    kind === 'BTREE' &&
    parts.every(
      ({ column, length }) =>
        column !== null &&
        column !== ignored &&
        length === null &&
        columns.some(({ name, nullable }) => name === column && !nullable),
    );
  return indexes.filter(isWhole).toSorted((a, b) => rank(a) - rank(b));
}

const rank = ({ name }: IndexModel) => (name === 'PRIMARY' ? 0 : 1);

function sameColumns(a: IndexModel, b: IndexModel): boolean {
  const spelled = ({ parts }: IndexModel) => parts.map(({ column }) => column?.toLowerCase()).join('\n');
  return spelled(a) === spelled(b);
}

function columnsOf(
  tables: Readonly<Record<SourceName, TableModel>>,
  name: string,
): Record<SourceName, ColumnModel> {
  return perSource((source) => {
    const column = tables[source].columns.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (column === undefined) throw new Error(`${source} has no column of the key.`);
    return column;
  });
}

function keyPart(
  tables: Readonly<Record<SourceName, TableModel>>,
  name: string,
  descending: boolean,
): KeyPart | null {
  const columns = columnsOf(tables, name);
  const types = perSource((source) => comparedType(columns[source].type));
  const [azure, gcp] = [kindOf(types.AZURE), kindOf(types.GCP)];
  const { AZURE, GCP } = columns;
  if (azure === null || azure !== gcp || (azure === 'enum' && AZURE.type !== GCP.type)) return null;
  const column = perSource((source) => quoteName(columns[source].name));
  return {
    name: AZURE.name,
    column,
    kind: azure,
    descending,
    items: azure === 'enum' ? types.AZURE.items : [],
    charset: perSource((source) => columns[source].charset ?? 'utf8mb4'),
    weight: perSource((source) => weightOf(column[source], columns, types)),
  };
}

function kindOf({ family, name: base }: ComparedType): KeyPart['kind'] | null {
  if (family === 'bit') return 'number';
  if (family === 'text') return base === 'char' || base === 'varchar' ? 'text' : null;
  if (family === 'binary') return base === 'binary' || base === 'varbinary' ? 'bytes' : null;
  if (family === 'set' || family === 'document') return null;
  return family;
}

/** Whether the same values stand in the same order on both sides, each at the same place between two others. */
function sortAlike({ AZURE, GCP }: Record<SourceName, ColumnModel>): boolean {
  const [azure, gcp] = [comparedType(AZURE.type), comparedType(GCP.type)];
  switch (azure.family) {
    case 'text':
      return AZURE.collation === GCP.collation;
    case 'number':
    case 'bit':
    case 'float':
      return true;
    case 'temporal':
      return azure.name === gcp.name;
    default:
      return AZURE.type === GCP.type;
  }
}

/** Collations of which WEIGHT_STRING is equal for keys that are not, or the other way round. */
const notByWeight = /^(big5_chinese|cp1250_czech|gb18030_chinese|tis620_thai)_c[is]$/;

/**
 * A collation may take texts of different bytes for one key, and all but the 0900 collations take blanks at the end for none.
 * https://dev.mysql.com/doc/refman/8.4/en/charset-collation-effect.html
 */
function weightOf(
  column: string,
  { AZURE, GCP }: Record<SourceName, ColumnModel>,
  types: Record<SourceName, ComparedType>,
): string | null {
  const { family, name: base } = types.AZURE;
  if (family === 'enum') return `convert(${column} using utf8mb4)`;
  if (family === 'text') {
    const { charset, collation } = AZURE;
    if (collation === null || collation !== GCP.collation || notByWeight.test(collation))
      return `convert(${column} using utf8mb4)`;
    const weight = `weight_string(${column})`;
    if (collation.includes('_0900_')) return weight;
    return `trim(trailing weight_string(convert(' ' using ${charset}) collate ${collation}) from ${weight})`;
  }
  if (AZURE.type === GCP.type) return null;
  if (family === 'temporal')
    return `cast(${column} as ${base === 'timestamp' ? 'datetime' : base}${base === 'date' ? '' : '(6)'})`;
  const isDecimal = base === 'decimal' || types.GCP.name === 'decimal';
  return isDecimal ? `cast(${column} as decimal(65, 30))` : null;
}

/** A key's values, as SQL that reads them and text that a literal can be made of. One a part, in order. */
export type KeyValues = readonly string[];

/** SQL for the text of a part: digits, a time, or bytes in hexadecimal. */
export function textOfKeyPart({ kind, column }: KeyPart, source: SourceName): string {
  const name = column[source];
  switch (kind) {
    case 'number':
    case 'enum':
      return `cast(${name} + 0 as char)`;
    case 'float':
      // One zero, not two; as JSON, whose numbers have all digits: of others MySQL leaves out those that are beyond 22 characters.
      return `cast(cast(${name} + 0e0 as json) as char)`;
    case 'temporal':
      return `cast(${name} as char)`;
    default:
      return `hex(${name})`;
  }
}

/** SQL for what is equal where the server takes two keys for one; equal for one value on both sides. */
export function identityOf({ parts }: SharedKey, source: SourceName): string {
  const texts = parts.map((part) => {
    const weight = part.weight[source];
    return weight === null ? textOfKeyPart(part, source) : `hex(${weight})`;
  });
  return texts.length === 1 ? (texts[0] as string) : `concat_ws('|', ${texts.join(', ')})`;
}

/** A part's text for a person, as SQL. */
export function shownOf({ kind, column }: KeyPart, source: SourceName): string {
  const name = column[source];
  if (kind === 'text' || kind === 'enum') return `convert(${name} using utf8mb4)`;
  return kind === 'bytes' ? `concat('0x', hex(${name}))` : textOfKeyPart({ kind, column } as KeyPart, source);
}

const patterns: Readonly<Record<KeyPart['kind'], RegExp>> = {
  number: /^-?\d+(\.\d+)?$/,
  enum: /^\d+$/,
  float: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i,
  temporal: /^-?[\d:. -]+$/,
  text: /^([0-9A-F]{2})*$/i,
  bytes: /^([0-9A-F]{2})*$/i,
};

/** A value of a key as SQL, of a text that `textOfKeyPart` gave: it means the same to every session, and lets an index serve it. */
export function keyLiteral(part: KeyPart, text: string, from: SourceName): string {
  if (!patterns[part.kind].test(text)) throw new Error(`A key’s ${part.kind} is not written as one.`);
  switch (part.kind) {
    case 'number':
    case 'enum':
      return text;
    case 'float':
      return doubleLiteral(text);
    case 'temporal':
      return `'${text}'`;
    case 'text':
      return `_${part.charset[from]} x'${text}'`;
    case 'bytes':
      return `x'${text}'`;
  }
}
