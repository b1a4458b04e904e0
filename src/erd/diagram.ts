import { compareSources } from '../drift/drift.ts';
import type { SchemaSnapshot } from '../drift/snapshot.ts';
import type { ForeignKeyModel, TableModel } from '../information-schema/model.ts';
import type { SourceName } from '../source-name.ts';

/** How an object of two databases compares: it is on one side only, or not the same on both. */
export type Mark = SourceName | 'DIFFERS';

/** A mark, to be read without colours. */
export function words(mark: Mark | null): string {
  if (mark === null) return '';
  return mark === 'DIFFERS' ? ' (differs)' : ` (only ${mark})`;
}

/** The content of a picture, whatever it is drawn with. The same schemas give the same diagram. */
export interface Diagram {
  readonly title: string;
  /** Whether two databases were asked, so that what differs is marked. */
  readonly compared: boolean;
  readonly tables: readonly DiagramTable[];
  readonly relations: readonly Relation[];
}

export interface DiagramTable {
  readonly name: string;
  readonly mark: Mark | null;
  readonly columns: readonly DiagramColumn[];
}

export interface DiagramColumn {
  readonly name: string;
  /** As MySQL spells it; both spellings, the first source's first, where they differ. */
  readonly type: string;
  readonly nullable: boolean;
  readonly keys: readonly KeyTag[];
  readonly mark: Mark | null;
}

export type KeyTag = 'PK' | 'FK' | 'UK';

/** A foreign key, from the table that has it to the table that it refers to. */
export interface Relation {
  readonly name: string;
  readonly child: End;
  readonly parent: End;
  /** How many rows of the parent one row of the child has. */
  readonly parentCount: 'one' | 'zero-or-one';
  /** How many rows of the child one row of the parent has. */
  readonly childCount: 'zero-or-one' | 'zero-or-many';
  readonly mark: Mark | null;
}

export interface End {
  readonly table: string;
  readonly column: string;
}

/** Objects of the same name on both sides; nothing on the second side where one database is drawn. */
type Pair<T> = readonly [first: T | undefined, second: T | undefined];

/**
 * The diagram of one database, or of two over each other, with what differs marked as drift finds it. Views, triggers and
 * routines are not drawn.
 */
export function diagramOf(first: SchemaSnapshot, second?: SchemaSnapshot): Diagram {
  const findings = second === undefined ? [] : compareSources(first, second).findings;
  const differing = new Set(findings.map(({ kind, object }) => `${kind} ${object}`.toLowerCase()));
  const mark: Marker = ([one, other], ...signs) => {
    if (second === undefined) return null;
    if (one === undefined) return second.source;
    if (other === undefined) return first.source;
    return signs.some((sign) => differing.has(sign.toLowerCase())) ? 'DIFFERS' : null;
  };
  const pairs = pair(first.schema.tables, second?.schema.tables).toSorted((one, other) =>
    nameOf(one) < nameOf(other) ? -1 : 1,
  );
  const drawn = new Set(pairs.map(nameOf));
  return {
    title: second === undefined ? first.source : `${first.source} and ${second.source}`,
    compared: second !== undefined,
    tables: pairs.map((tables) => drawTable(tables, mark)),
    relations: pairs.flatMap((tables) =>
      pair(tables[0]?.foreignKeys, tables[1]?.foreignKeys)
        .filter((keys) => {
          const { references } = either(keys);
          return references.schema === null && drawn.has(references.table.toLowerCase());
        })
        .map((keys) => drawRelation(keys, tables, mark)),
    ),
  };
}

type Marker = <T>(pair: Pair<T>, ...signs: readonly string[]) => Mark | null;

/** By names without regard to case: Azure's servers lower them. */
function pair<T extends { readonly name: string }>(
  first: readonly T[] = [],
  second: readonly T[] = [],
): Pair<T>[] {
  const others = new Map(second.map((item) => [item.name.toLowerCase(), item]));
  const names = new Set(first.map(({ name }) => name.toLowerCase()));
  return [
    ...first.map((item): Pair<T> => [item, others.get(item.name.toLowerCase())]),
    ...second.filter(({ name }) => !names.has(name.toLowerCase())).map((item): Pair<T> => [undefined, item]),
  ];
}

function nameOf(tables: Pair<TableModel>): string {
  return either(tables).name.toLowerCase();
}

function drawTable(tables: Pair<TableModel>, mark: Marker): DiagramTable {
  const [one, other] = tables;
  const { name, indexes, checks } = either(tables);
  const more = [...(other?.indexes ?? []), ...(other?.checks ?? []), ...indexes, ...checks];
  const inside = more.flatMap((part) => [`INDEX ${name}.${part.name}`, `CHECK ${name}.${part.name}`]);
  return {
    name,
    mark: mark(tables, `TABLE ${name}`, ...inside),
    columns: pair(one?.columns, other?.columns).map((columns) => {
      const column = either(columns);
      const types = new Set(columns.flatMap((each) => (each === undefined ? [] : spelt(each, columns))));
      return {
        name: column.name,
        type: [...types].join(' ≠ '),
        nullable: columns.some((each) => each?.nullable === true),
        keys: tagsOf(tables, column.name),
        // A column of a table that is on one side only has its mark at the table.
        mark:
          one === undefined || other === undefined ? null : mark(columns, `COLUMN ${name}.${column.name}`),
      };
    }),
  };
}

/** A type, and whether it may be null where that is what differs. */
function spelt(
  { type, nullable }: { readonly type: string; readonly nullable: boolean },
  [one, other]: Pair<{ readonly nullable: boolean }>,
): string {
  if (one === undefined || other === undefined || one.nullable === other.nullable) return type;
  return `${type} ${nullable ? 'null' : 'not null'}`;
}

function tagsOf(tables: Pair<TableModel>, column: string): KeyTag[] {
  const there = tables.filter((table) => table !== undefined);
  const unique = there
    .flatMap(({ indexes }) => indexes)
    .filter((index) => index.unique && index.parts.some((part) => part.column === column));
  const tags: Record<KeyTag, boolean> = {
    PK: unique.some(({ name }) => name === 'PRIMARY'),
    FK: there.some(({ foreignKeys }) => foreignKeys.some(({ columns }) => columns.includes(column))),
    UK: unique.some(({ name }) => name !== 'PRIMARY'),
  };
  return (['PK', 'FK', 'UK'] as const).filter((tag) => tags[tag]);
}

function drawRelation(keys: Pair<ForeignKeyModel>, tables: Pair<TableModel>, mark: Marker): Relation {
  const { name, columns, references } = either(keys);
  const table = (keys[0] === undefined ? tables[1] : tables[0]) as TableModel;
  const nullable = table.columns.some((column) => column.nullable && columns.includes(column.name));
  return {
    name,
    child: { table: table.name, column: columns[0] as string },
    parent: { table: references.table, column: references.columns[0] as string },
    parentCount: nullable ? 'zero-or-one' : 'one',
    childCount: isUnique(table, columns) ? 'zero-or-one' : 'zero-or-many',
    mark: mark(keys, `FOREIGN_KEY ${table.name}.${name}`),
  };
}

/** Whether no two rows have the same values in these columns. */
function isUnique({ indexes }: TableModel, columns: readonly string[]): boolean {
  return indexes.some(
    ({ unique, parts }) =>
      unique && parts.every(({ column, length }) => length === null && columns.includes(column ?? '')),
  );
}

function either<T>([one, other]: Pair<T>): T {
  return (one ?? other) as T;
}
