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

/** Types of the API that no table brings; tests/unit/generated-names.test.ts compares them with the schema. */
const ownTypes = [
  ...['Query', 'Mutation', 'Subscription', 'Node', 'PageInfo', 'SortDirection', 'JsonPathCondition'],
  ...[
    'Activity',
    'ActivityErrors',
    'ActivitySample',
    'ErrorSample',
    'SourceActivity',
    'ComparisonStatus',
    'Viewer',
    'Erd',
  ],
  ...['Drift', 'DriftComparison', 'DriftParty', 'DriftFinding', 'DriftKind', 'DriftPlan'],
  ...['DriftPlanVerification', 'DriftVerification'],
  ...['Migration', 'MigrationState', 'MigrationFinding', 'MigrationImpact', 'LintSeverity'],
  ...['ParityRun', 'ParityState', 'ParityVerdict', 'ParityProgress', 'ParityTable', 'ParityDifference'],
  ...['ParityDifferenceKind', 'ParityKeyPart'],
  ...['Source', 'SourceStatus', 'SourceState', 'PoolStatus', 'BreakerState'],
];

/** Each has a filter of its own, such as `StringFilter`. */
const scalars = [
  ...['Int', 'Float', 'String', 'Boolean', 'ID', 'Base64', 'BigInt', 'DateTime', 'Decimal', 'Duration'],
  ...['GeoJSON', 'JSON', 'LocalDate', 'LocalDateTime', 'LocalTime', 'SafeInt', 'UUID'],
];

/** The names that generated files import, and the words of the language that they use. */
const inFiles = [
  ...['SourceRow', 'KeyedRow', 'KeylessRow', 'Table', 'Entity', 'Property', 'PrimaryKey', 'ManyToOne'],
  ...['OneToOne', 'OneToMany', 'Collection', 'Index', 'Unique', 'Check', 'Enum', 'Field', 'ObjectType'],
  ...['BigIntScalar', 'GeoJson', 'Json', 'Number', 'Object', 'Array', 'Date', 'Map', 'Set', 'Function'],
  ...['Symbol', 'Error', 'Promise', 'Record', 'EnumOf'],
];

/** Root fields of the API that no table brings. */
const ownFields = [
  ...['activity', 'drift', 'erd', 'migrations', 'node', 'nodes', 'parity', 'source', 'sources', 'viewer'],
  ...['startParity', 'cancelParity'],
];

/** The suffixes of the types that the API makes of a table, behind the name of its class. */
const typeSuffixes = [
  ...['', 'Connection', 'Edge', 'Comparison', 'ComparisonConnection', 'ComparisonEdge', 'Key', 'KeyInput'],
  ...['Where', 'ListFilter', 'OrderBy', 'ListOrderBy', 'GroupField', 'Aggregate'],
  ...['Values', 'Counts', 'Sums', 'Averages'],
];

/** All types that the API makes of a table. */
export function typeNamesOf({ entity, one, many }: Omit<EntityNames, 'file'>): string[] {
  const mutations = [
    ...[one, many].map((name) => `Create${capitalized(name)}`),
    ...['Update', 'Delete'].map((verb) => `${verb}${capitalized(one)}`),
  ];
  return [
    ...typeSuffixes.map((suffix) => `${entity}${suffix}`),
    ...mutations.flatMap((mutation) => [`${mutation}Input`, `${mutation}Payload`]),
  ];
}

/** All root fields that it makes of a table. */
export function fieldNamesOf({ one, many }: Pick<EntityNames, 'one' | 'many'>): string[] {
  const created = [one, many].map((name) => `create${capitalized(name)}`);
  const changed = ['update', 'delete'].map((verb) => `${verb}${capitalized(one)}`);
  return [one, many, `${many}Aggregate`, `${many}Compared`, ...created, ...changed];
}

/** The names of all tables, and more names for their types. */
export interface ApiNames {
  /** By the names of the tables. */
  readonly tables: ReadonlyMap<string, EntityNames>;
  /** The name for the enum of a column, or one with a number where a type has it. */
  uniqueEnum(name: string): string;
}

/** Names for tables. Where types or fields of two would have the same, the later one gets a number. */
export function namesOfTables(tables: readonly string[]): ApiNames {
  // Files of names that differ by case alone are one file on some systems.
  const fold = (name: string) => name.toLowerCase();
  const filters = scalars.map((scalar) => `${scalar}Filter`);
  const own = new Set([...ownTypes, ...scalars, ...filters, ...inFiles].map(fold));
  const types = new Set(own);
  const fields = new Set(ownFields);
  const named = tables.map((table): [string, EntityNames] => {
    const words = wordsIn(table);
    const singular = words.map((word, at) => (at === words.length - 1 ? singularOf(word) : word));
    const base = capitalized(camelCase(singular.length > 0 ? singular : ['table']));
    const names = firstFree(own.has(fold(base)) ? `${base}Row` : base, (entity) => {
      const of = namesOf(entity);
      const isFree =
        typeNamesOf(of).every((name) => !types.has(fold(name))) &&
        fieldNamesOf(of).every((name) => !fields.has(name));
      return isFree ? of : null;
    });
    for (const name of typeNamesOf(names)) types.add(fold(name));
    for (const name of fieldNamesOf(names)) fields.add(name);
    return [table, names];
  });
  return {
    tables: new Map(named),
    uniqueEnum(name) {
      const ofEnum = (of: string) => [of, `${of}Filter`, `${of}SetFilter`];
      const free = firstFree(name, (of) => (ofEnum(of).every((each) => !types.has(fold(each))) ? of : null));
      for (const each of ofEnum(free)) types.add(fold(each));
      return free;
    },
  };
}

function namesOf(entity: string): EntityNames {
  const one = uncapitalized(entity);
  const plural = uncapitalized(pluralize(entity));
  return { entity, file: kebabCase(entity), one, many: plural === one ? `${one}List` : plural };
}

/** The result for the name, or for the first of `name2`, `name3` and so on that has one. */
function firstFree<T>(name: string, make: (name: string) => T | null): T {
  for (let count = 1; ; count += 1) {
    const made = make(count === 1 ? name : `${name}${count}`);
    if (made !== null) return made;
  }
}

/** Latin plurals stay: `postmeta` is no `postmetum`. */
const singularOf = (word: string) => (/a$/i.test(word) ? word : singularize(word));

/** The property of a column: `last_name` is `lastName`. */
export function propertyName(column: string): string {
  const words = wordsIn(column);
  const name = uncapitalized(camelCase(words.length > 0 ? words : ['column']));
  return unfit.has(name) ? `${name}Column` : name;
}

/** Members of every object of JavaScript, words of filters for their logic, and names that no enum of GraphQL can have. */
const unfit = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  ...['prototype', 'and', 'or', 'not', 'true', 'false', 'null'],
]);

/**
 * The name, or the first of `name2`, `name3` and so on that nothing else has.
 *
 * @param suffixes of what the API makes of it: these names are to be free, too
 */
export function unique(name: string, used: Set<string>, suffixes: readonly string[] = []): string {
  const all = (of: string) => ['', ...suffixes].map((suffix) => `${of}${suffix}`);
  const free = firstFree(name, (of) => (all(of).every((each) => !used.has(each)) ? of : null));
  for (const each of all(free)) used.add(each);
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
