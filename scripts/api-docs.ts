// Makes docs/api.md of the schema and of the examples in docs/examples: `npm run docs`.
import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
  print,
} from 'graphql';
import { type Example, renderExample } from './api-docs/examples.ts';

/** The fields of Query, then those of Mutation, each in the schema's order. */
export function rootFields(schema: GraphQLSchema): readonly string[] {
  return [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.keys(type?.getFields() ?? {}),
  );
}

/** The whole page. `answers` has the data that each example was answered with. */
export function renderApi(
  schema: GraphQLSchema,
  examples: readonly Example[],
  answers: ReadonlyMap<Example, unknown>,
): string {
  const examplesOf = (field: string) =>
    examples
      .filter((example) => example.field === field)
      .map((example) => renderExample(example, answers.get(example)));
  const shown = sampleOf(schema);
  const roots = (heading: string, type: GraphQLObjectType | null | undefined) => [
    ...(type ? [`## ${heading}`] : []),
    ...Object.values(type?.getFields() ?? {}).flatMap((field) => [
      ...renderRoot(field, shown),
      ...examplesOf(field.name),
    ]),
  ];
  return `${[
    '# API',
    '<!-- Made by `npm run docs` from the schema and from docs/examples: do not edit. -->',
    'A field that reads or writes rows takes the `source` to ask; `node` and `nodes` find it in the id. The examples’ answers are real: they were given, ' +
      'in this order, by two databases with the first 20 invented patients (`tandem seed --patients 20`).',
    ...roots('Queries', schema.getQueryType()),
    ...roots('Mutations', schema.getMutationType()),
    '## Types',
    ...shown.note,
    ...typesOf(schema)
      .filter((type) => shown.nameOf(type) === type.name)
      .flatMap((type) => renderType(type, shown)),
  ].join('\n\n')}\n`;
}

/** Which of the types that every table has the page shows: those of one table. */
interface Shown {
  readonly note: readonly string[];
  /** The name of the type that the page shows in place of this one; most often its own. */
  readonly nameOf: (type: GraphQLNamedType) => string;
}

/** The resolver of tables makes these types for each, of one form: https://relay.dev/graphql/connections.htm for the first two. */
const formsOfTables =
  /^(?:(Connection|Edge|Aggregate|Averages|Counts|Sums|Values|GroupField|OrderBy|Where)|((?:Create|Update|Delete)s?Payload))$/;

function sampleOf(schema: GraphQLSchema): Shown {
  const node = schema.getType('Node');
  const tables = isInterfaceType(node)
    ? schema
        .getPossibleTypes(node)
        .map(({ name }) => name)
        .toSorted((one, other) => other.length - one.length)
    : [];
  const sample = tables.toSorted()[0];
  const nameOf = ({ name }: GraphQLNamedType) => {
    const table = tables.find((each) => name.includes(each) && formsOfTables.test(name.replace(each, '')));
    const other = table === undefined || sample === undefined ? name : name.replace(table, sample);
    return schema.getType(other) ? other : name;
  };
  const note = `Types that each table has in the same form are shown for \`${sample}\`; those of other tables have the columns of theirs.`;
  return { nameOf, note: tables.length > 1 ? [note] : [] };
}

function renderRoot(field: GraphQLField<unknown, unknown>, shown: Shown): string[] {
  const rows = field.args.map((argument) => inputRow(argument, shown));
  return [
    `### ${field.name}`,
    `${textOf(field)} → ${typeLink(field.type, shown)}`.trimStart(),
    ...(rows.length > 0 ? [table(['Argument', 'Type', 'Default', ''], rows)] : []),
  ];
}

/** Every type but the roots and those of GraphQL itself: what is returned, what is given, and what both use. */
function typesOf(schema: GraphQLSchema): readonly GraphQLNamedType[] {
  const roots: readonly unknown[] = [schema.getQueryType(), schema.getMutationType()];
  const rank = (type: GraphQLNamedType) => kinds.findIndex(([, is]) => is(type));
  return Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type) && !roots.includes(type))
    .toSorted((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1));
}

const kinds = [
  ['interface', isInterfaceType],
  ['type', isObjectType],
  ['union', isUnionType],
  ['input', isInputObjectType],
  ['enum', isEnumType],
  ['scalar', isScalarType],
] as const;

const kindOf = (type: GraphQLNamedType) => kinds.find(([, is]) => is(type))?.[0] ?? 'type';

function renderType(type: GraphQLNamedType, shown: Shown): string[] {
  return [`### ${kindOf(type)} ${type.name}`, textOf(type), ...membersOf(type, shown)].filter(
    (part) => part !== '',
  );
}

function membersOf(type: GraphQLNamedType, shown: Shown): string[] {
  if (isObjectType(type) || isInterfaceType(type)) {
    const interfaces = type.getInterfaces().map((each) => typeLink(each, shown));
    return [
      ...(interfaces.length > 0 ? [`Implements ${interfaces.join(', ')}.`] : []),
      table(
        ['Field', 'Type', ''],
        Object.values(type.getFields()).flatMap((field) => fieldRows(field, shown)),
      ),
    ];
  }
  if (isInputObjectType(type)) {
    return [
      table(
        ['Field', 'Type', 'Default', ''],
        Object.values(type.getFields()).map((field) => inputRow(field, shown)),
      ),
    ];
  }
  if (isEnumType(type)) {
    return [
      table(
        ['Value', ''],
        type.getValues().map((value) => [`\`${value.name}\``, textOf(value)]),
      ),
    ];
  }
  if (isUnionType(type))
    return [
      `One of ${type
        .getTypes()
        .map((each) => typeLink(each, shown))
        .join(', ')}.`,
    ];
  return isScalarType(type) && type.specifiedByURL ? [`Specified by <${type.specifiedByURL}>.`] : [];
}

/** A row for the field, and one for each of its arguments. */
function fieldRows(field: GraphQLField<unknown, unknown>, shown: Shown): string[][] {
  return [
    [`\`${field.name}\``, typeLink(field.type, shown), textOf(field)],
    ...field.args.map((argument) => [
      `\`${field.name}(${argument.name}:)\``,
      typeLink(argument.type, shown),
      textOf(argument),
    ]),
  ];
}

function inputRow(input: GraphQLArgument | GraphQLInputField, shown: Shown): string[] {
  const value = astFromValue(input.defaultValue, input.type);
  return [
    `\`${input.name}\``,
    typeLink(input.type, shown),
    value ? `\`${print(value)}\`` : '',
    textOf(input),
  ];
}

/** A type as SDL writes it, linked to its section; GraphQL's own scalars need none. */
function typeLink(type: GraphQLType, shown: Shown): string {
  const named = getNamedType(type);
  if (isSpecifiedScalarType(named)) return `\`${type}\``;
  return `[\`${type}\`](#${kindOf(named)}-${shown.nameOf(named).toLowerCase()})`;
}

function textOf(of: {
  readonly description?: string | null | undefined;
  readonly deprecationReason?: string | null | undefined;
}) {
  const deprecated = of.deprecationReason ? ` Deprecated: ${of.deprecationReason}` : '';
  return `${of.description ?? ''}${deprecated}`.replace(/\s+/g, ' ').trim();
}

/** Without the columns that are empty throughout. */
function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = headings.map((_, column) => column).filter((column) => rows.some((row) => row[column] !== ''));
  const line = (cells: readonly (string | undefined)[]) =>
    `| ${used.map((column) => cells[column]?.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}
