import { computed } from '@preact/signals';
import { type KeyPartInfo, keyPartsOf, keySelection } from './keys.ts';
import { type ApiSchema, apiSchema, type FieldInfo, type TypeInfo } from './schema.ts';

/** A table as the API has it. */
export interface ApiTable {
  /** The root field of its rows, such as `patients`. */
  readonly many: string;
  /** The root field of both clouds' rows, aligned by key; undefined where rows have no key. */
  readonly compared: string | undefined;
  /** The root field of one row, such as `patient`; undefined where there is none. */
  readonly one: string | undefined;
  /** The type of its rows. */
  readonly type: string;
  /** The values of its keys, and the type of a key that is an argument, such as `Int`. */
  readonly keyParts: readonly KeyPartInfo[];
  readonly keyType: string;
  readonly whereType: string;
  readonly orderType: string;
  /** Values of a row: scalars and enums. */
  readonly columns: readonly FieldInfo[];
  /** Relations to one row. */
  readonly parents: readonly FieldInfo[];
  /** Relations to many rows. */
  readonly lists: readonly FieldInfo[];
}

const suffix = 'Compared';

/** All tables of which the caller may see rows of both clouds. */
export const apiTables = computed<readonly ApiTable[]>(() =>
  apiSchema.value === null ? [] : tablesOf(apiSchema.value),
);

function tablesOf(schema: ApiSchema): ApiTable[] {
  return [...schema.query.fields.values()].flatMap((field) => {
    const { name, args, type } = field;
    const nodes = schema.types.get(schema.types.get(type.name)?.fields.get('nodes')?.type.name ?? '');
    // Rows of both clouds, aligned by key.
    const row = schema.types.get(nodes?.fields.get('azure')?.type.name ?? '');
    if (name.endsWith(suffix) && row?.fields.has('key')) {
      return [tableOf(schema, field, row, name.slice(0, -suffix.length))];
    }
    // Rows of one cloud, of a type that has no key.
    const isList = args.some((arg) => arg.name === 'source') && args.some((arg) => arg.name === 'after');
    return isList && nodes?.fields.has('source') && !nodes.fields.has('key')
      ? [tableOf(schema, field, nodes, name)]
      : [];
  });
}

function tableOf(schema: ApiSchema, field: FieldInfo, row: TypeInfo, many: string): ApiTable {
  const { types, query } = schema;
  const argument = (name: string) => field.args.find((arg) => arg.name === name)?.type.name ?? '';
  const fields = [...row.fields.values()].filter(
    ({ name, type, args }) =>
      !['id', 'source'].includes(name) && !args.some((arg) => arg.type.isRequired) && type.name,
  );
  const isValue = ({ type }: FieldInfo) => ['SCALAR', 'ENUM'].includes(type.kind);
  const isRow = ({ type }: FieldInfo) => types.get(type.name)?.fields.has('key') === true && !type.isList;
  const one = [...query.fields.values()].find(
    ({ type, args }) => type.name === row.name && args.some(({ name }) => name === 'key'),
  );
  return {
    many,
    compared: field.name === many ? undefined : field.name,
    one: one?.name,
    type: row.name,
    keyParts: keyPartsOf(schema, row, argument('where')),
    keyType: one?.args.find(({ name }) => name === 'key')?.type.name ?? 'Int',
    whereType: argument('where'),
    orderType: argument('orderBy'),
    columns: fields.filter((one) => isValue(one) && one.name !== 'key'),
    parents: fields.filter((one) => one.type.kind === 'OBJECT' && isRow(one)),
    lists: fields.filter(({ type }) => {
      const nodes = types.get(type.name)?.fields.get('nodes');
      return nodes !== undefined && types.get(nodes.type.name)?.fields.has('source') === true;
    }),
  };
}

/** The selected key of a row; empty where its type has none. */
export function keyFieldOf(type: string): string {
  const schema = apiSchema.value;
  const key = schema?.types.get(type)?.fields.get('key');
  return schema === null || key === undefined ? '' : `key${keySelection(schema, key.type.name)}`;
}

/** The selection of a row: its values, and the keys of its parents. */
export function selectionOf({ type, columns, parents }: ApiTable): string {
  const ofParents = parents.map((parent) => `${parent.name} { ${keyFieldOf(parent.type.name)} }`);
  return [keyFieldOf(type), ...columns.map(({ name }) => name), ...ofParents].filter(Boolean).join(' ');
}

/** The table of MySQL's name for it: `film_actor` is `filmActors`, or the type FilmActor. */
export function tableNamed(mysqlName: string): ApiTable | undefined {
  const plain = (name: string | undefined) => name?.replaceAll('_', '').toLowerCase();
  const wanted = plain(mysqlName);
  return apiTables.value.find(({ many, one, type }) =>
    [many, one, type].some((name) => plain(name) === wanted),
  );
}

/** `medicalRecords` as a person writes it: `Medical records`. */
export function labelOf(name: string): string {
  const words = name.replace(/(?<=[a-z0-9])[A-Z]|(?<=[A-Z])[A-Z](?=[a-z])/g, ' $&').toLowerCase();
  return `${words[0]?.toUpperCase()}${words.slice(1)}`;
}
