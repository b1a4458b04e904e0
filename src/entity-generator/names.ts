import { pluralize, singularize } from 'inflection';
import { capitalized } from '../util/capitalized.ts';

/** The names that GraphQL and TypeScript give to a table; unique among all tables. */
export interface EntityNames {
  /** Of the class: `FilmActor`. */
  readonly entity: string;
  /** Of the file, without its ending: `film-actor`. */
  readonly file: string;
  /** Of the root field that lists the rows: `filmActors`. */
  readonly many: string;
  /** Of the root field of one row: `filmActor`. */
  readonly one: string;
}

/** Classes of the API, of the decorators and of the language: https://spec.graphql.org/October2021/#sec-Names */
const taken = new Set(
  [
    ...[
      'Query',
      'Mutation',
      'Subscription',
      'Node',
      'Source',
      'PageInfo',
      'SortDirection',
      'SourceRow',
      'KeyedRow',
      'KeylessRow',
      'Table',
    ],
    ...[
      'Entity',
      'Property',
      'PrimaryKey',
      'ManyToOne',
      'OneToOne',
      'OneToMany',
      'Collection',
      'Index',
      'Unique',
    ],
    ...[
      'Field',
      'ObjectType',
      'Int',
      'Float',
      'ID',
      'String',
      'Boolean',
      'Number',
      'Object',
      'Array',
      'Date',
    ],
    ...[
      'Map',
      'Set',
      'Function',
      'Symbol',
      'Error',
      'Promise',
      'Record',
      'Base64',
      'BigIntScalar',
      'DateTime',
    ],
    ...[
      'Decimal',
      'Duration',
      'GeoJson',
      'Json',
      'LocalDate',
      'LocalDateTime',
      'LocalTime',
      'SafeInt',
      'UUID',
    ],
    ...['Drift', 'Erd', 'SourceStatus', 'Check', 'Enum'],
  ].map((name) => name.toLowerCase()),
);

/** Names for tables, by the tables' own. Where two would have the same, the later one gets a number. */
export function namesOfTables(tables: readonly string[]): ReadonlyMap<string, EntityNames> {
  const used = new Set(taken);
  const fields = new Set<string>();
  return new Map(
    tables.map((table) => {
      const words = wordsIn(table);
      const singular = words.map((word, at) => (at === words.length - 1 ? singularOf(word) : word));
      let entity = capitalized(camelCase(singular.length > 0 ? singular : ['table']));
      if (taken.has(entity.toLowerCase())) entity = `${entity}Row`;
      entity = unique(entity, used, (name) => name.toLowerCase());
      const one = unique(uncapitalized(entity), fields);
      const plural = uncapitalized(pluralize(entity));
      const many = unique(plural === one ? `${one}List` : plural, fields);
      return [table, { entity, file: kebabCase(entity), many, one }];
    }),
  );
}

/** Latin plurals stay: `postmeta` is no `postmetum`. */
const singularOf = (word: string) => (/a$/i.test(word) ? word : singularize(word));

/** The property of a column: `last_name` is `lastName`. */
export function propertyName(column: string): string {
  const words = wordsIn(column);
  const name = uncapitalized(camelCase(words.length > 0 ? words : ['column']));
  return unfit.has(name) ? `${name}Column` : name;
}

/** What every object of JavaScript has, and what filters take for their logic. */
const unfit = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype', 'and', 'or', 'not']);

/** The name, or the first of `name2`, `name3` and so on that nothing else has. */
export function unique(name: string, used: Set<string>, fold = (text: string) => text): string {
  let free = name;
  for (let count = 2; used.has(fold(free)); count += 1) free = `${name}${count}`;
  used.add(fold(free));
  return free;
}

export const pluralName = (name: string): string => uncapitalized(pluralize(name));

const uncapitalized = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** `film_actor`, `FilmActor`, `film actor`; letters that a name of GraphQL cannot have become a blank or their base. */
function wordsIn(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z\d]+/)
    .filter((word) => word !== '');
}

/** A name of GraphQL does not begin with a digit. */
function camelCase(words: readonly string[]): string {
  const text = words.map((word) => capitalized(word.toLowerCase())).join('');
  return /^\d/.test(text) ? `_${text}` : text;
}

function kebabCase(name: string): string {
  return wordsIn(name).join('-').toLowerCase();
}
