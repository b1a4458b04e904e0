import { computed } from '@preact/signals';
import { type ApiSchema, apiSchema, type FieldInfo, type TypeInfo } from './schema.ts';

/** A table as the API has it. */
export interface ApiTable {
  /** The root field of its rows, such as `patients`, and that of both clouds' rows. */
  readonly many: string;
  readonly compared: string;
  /** The root field of one row, such as `patient`; undefined where there is none. */
  readonly one: string | undefined;
  /** The type of its rows. */
  readonly type: string;
  /** The type of its keys, such as `Int`. */
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
    const connection = schema.types.get(field.type.name);
    const comparison = schema.types.get(connection?.fields.get('nodes')?.type.name ?? '');
    const row = schema.types.get(comparison?.fields.get('azure')?.type.name ?? '');
    if (!field.name.endsWith(suffix) || row === undefined || !hasOneValue(row)) return [];
    return [tableOf(schema, field, row)];
  });
}

/** Whether the key of rows is one value: a page's address and a cell have no place for more. */
function hasOneValue(row: TypeInfo | undefined): boolean {
  return ['SCALAR', 'ENUM'].includes(row?.fields.get('key')?.type.kind ?? '');
}

function tableOf({ types, query }: ApiSchema, field: FieldInfo, row: TypeInfo): ApiTable {
  const argument = (name: string) => field.args.find((arg) => arg.name === name)?.type.name ?? '';
  const fields = [...row.fields.values()].filter(
    ({ name, type, args }) =>
      !['id', 'source'].includes(name) && !args.some((arg) => arg.type.isRequired) && type.name,
  );
  const isValue = ({ type }: FieldInfo) => ['SCALAR', 'ENUM'].includes(type.kind);
  const isRow = ({ type }: FieldInfo) => hasOneValue(types.get(type.name)) && !type.isList;
  const one = [...query.fields.values()].find(
    ({ type, args }) => type.name === row.name && args.some(({ name }) => name === 'key'),
  );
  return {
    many: field.name.slice(0, -suffix.length),
    compared: field.name,
    one: one?.name,
    type: row.name,
    keyType: row.fields.get('key')?.type.name ?? 'Int',
    whereType: argument('where'),
    orderType: argument('orderBy'),
    columns: fields.filter((one) => isValue(one) && one.name !== 'key'),
    parents: fields.filter((one) => one.type.kind === 'OBJECT' && isRow(one)),
    lists: fields.filter(({ type }) => {
      const nodes = types.get(type.name)?.fields.get('nodes');
      return nodes !== undefined && hasOneValue(types.get(nodes.type.name));
    }),
  };
}

/** What to ask for of a row: its values, and the keys of its parents. */
export function selectionOf({ columns, parents }: ApiTable): string {
  return ['key', ...columns.map(({ name }) => name), ...parents.map(({ name }) => `${name} { key }`)].join(
    ' ',
  );
}

/** `medicalRecords` as a person writes it: `Medical records`. */
export function labelOf(name: string): string {
  const words = name.replace(/(?<=[a-z0-9])[A-Z]/g, ' $&').toLowerCase();
  return `${words[0]?.toUpperCase()}${words.slice(1)}`;
}
