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
  Kind,
  parse,
  print,
} from 'graphql';

/** An operation that shows a field of Query or Mutation. */
export interface Example {
  /** The field that it shows. */
  readonly field: string;
  /** What it is about, where there is more to say than the field's description does. */
  readonly caption: string;
  readonly document: string;
}

/** An example as a file in docs/examples has it: named after its field, its caption in comments at the top. */
export function readExample(file: string, text: string): Example {
  const lines = text.trimEnd().split('\n');
  const start = lines.findIndex((line) => !line.startsWith('#'));
  return {
    field: file.split('.', 1)[0] as string,
    caption: lines
      .slice(0, start)
      .map((line) => line.replace(/^# ?/, ''))
      .join(' '),
    document: lines.slice(start).join('\n'),
  };
}

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
  const roots = (heading: string, type: GraphQLObjectType | null | undefined) => [
    ...(type ? [`## ${heading}`] : []),
    ...Object.values(type?.getFields() ?? {}).flatMap((field) => [
      ...renderRoot(field),
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
    ...typesOf(schema).flatMap(renderType),
  ].join('\n\n')}\n`;
}

function renderRoot(field: GraphQLField<unknown, unknown>): string[] {
  const rows = field.args.map((argument) => inputRow(argument));
  return [
    `### ${field.name}`,
    `${textOf(field)} → ${typeLink(field.type)}`.trimStart(),
    ...(rows.length > 0 ? [table(['Argument', 'Type', 'Default', ''], rows)] : []),
  ];
}

function renderExample({ caption, document }: Example, data: unknown): string {
  const blocks = [`\`\`\`graphql\n${document}\n\`\`\``, `\`\`\`json\n${json({ data })}\n\`\`\``];
  return (caption === '' ? blocks : [caption, ...blocks]).join('\n\n');
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

function renderType(type: GraphQLNamedType): string[] {
  return [`### ${kindOf(type)} ${type.name}`, textOf(type), ...membersOf(type)].filter((part) => part !== '');
}

function membersOf(type: GraphQLNamedType): string[] {
  if (isObjectType(type) || isInterfaceType(type)) {
    const interfaces = type.getInterfaces().map(typeLink);
    return [
      ...(interfaces.length > 0 ? [`Implements ${interfaces.join(', ')}.`] : []),
      table(['Field', 'Type', ''], Object.values(type.getFields()).flatMap(fieldRows)),
    ];
  }
  if (isInputObjectType(type)) {
    return [table(['Field', 'Type', 'Default', ''], Object.values(type.getFields()).map(inputRow))];
  }
  if (isEnumType(type)) {
    return [
      table(
        ['Value', ''],
        type.getValues().map((value) => [`\`${value.name}\``, textOf(value)]),
      ),
    ];
  }
  if (isUnionType(type)) return [`One of ${type.getTypes().map(typeLink).join(', ')}.`];
  return isScalarType(type) && type.specifiedByURL ? [`Specified by <${type.specifiedByURL}>.`] : [];
}

/** A row for the field, and one for each of its arguments. */
function fieldRows(field: GraphQLField<unknown, unknown>): string[][] {
  return [
    [`\`${field.name}\``, typeLink(field.type), textOf(field)],
    ...field.args.map((argument) => [
      `\`${field.name}(${argument.name}:)\``,
      typeLink(argument.type),
      textOf(argument),
    ]),
  ];
}

function inputRow(input: GraphQLArgument | GraphQLInputField): string[] {
  const value = astFromValue(input.defaultValue, input.type);
  return [`\`${input.name}\``, typeLink(input.type), value ? `\`${print(value)}\`` : '', textOf(input)];
}

/** A type as SDL writes it, linked to its section; GraphQL's own scalars need none. */
function typeLink(type: GraphQLType): string {
  const named = getNamedType(type);
  if (isSpecifiedScalarType(named)) return `\`${type}\``;
  return `[\`${type}\`](#${kindOf(named)}-${named.name.toLowerCase()})`;
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

/** JSON with whatever fits into a line on one; the outermost object never does. */
function json(value: unknown, indent = '', room = 0): string {
  const flat = oneLine(value);
  if (typeof value !== 'object' || value === null || flat.length <= room - indent.length) return flat;
  const inner = `${indent}  `;
  const items = Array.isArray(value)
    ? value.map((item) => json(item, inner, lineWidth))
    : Object.entries(value).map(([name, item]) => `"${name}": ${json(item, inner, lineWidth - name.length)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
}

const lineWidth = 96;

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([name, item]) => `"${name}": ${oneLine(item)}`)
    .join(', ')} }`;
}

/** Whether an operation asks for a field at its top: the one that it is an example of. */
export function asksFor({ document, field }: Example): boolean {
  return parse(document).definitions.some(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      definition.selectionSet.selections.every(
        (selection) => selection.kind === Kind.FIELD && selection.name.value === field,
      ),
  );
}
