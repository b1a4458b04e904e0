import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/** A name of a schema, and a document in which it stands. */
export interface SchemaPlace {
  /** `Patient.lastName`, `PatientWhere.lastName`, `PatientGroupField.lastName`, `Query.patients(where)`. */
  readonly name: string;
  readonly document: string;
  /** All names that the document has, this one included, as type and field. */
  readonly uses: readonly (readonly [type: string, name: string])[];
}

interface Text {
  readonly text: string;
  readonly uses: SchemaPlace['uses'];
}

/** A way to a selection of a type: what stands around it. */
type Around = (inner: Text) => Text;

const literals: Readonly<Record<string, string>> = {
  Int: '1',
  Float: '1',
  Boolean: 'true',
  ID: '"QVpVUkU6UGF0aWVudDox"',
  LocalDate: '"2024-01-01"',
  DateTime: '"2024-01-01T00:00:00Z"',
};

/** Each field, argument, input field and enum value of a schema that a document can hold, once; the shortest way leads there. */
export function placesOf(schema: GraphQLSchema): SchemaPlace[] {
  const places: SchemaPlace[] = [];
  const inputs = new Map<string, (inner: Text) => Text>();
  const seen = new Set<string>();
  const queue: { readonly type: GraphQLObjectType; readonly around: Around }[] = [];
  const enter = (type: GraphQLObjectType, around: Around) => {
    if (seen.has(type.name)) return;
    seen.add(type.name);
    queue.push({ type, around });
  };
  for (const [root, word] of [
    [schema.getQueryType(), 'query'],
    [schema.getMutationType(), 'mutation'],
  ] as const) {
    if (root) enter(root, ({ text, uses }) => ({ text: `${word} { ${text} }`, uses }));
  }
  const add = (name: string, { text, uses }: Text) => void places.push({ name, document: text, uses });

  for (let at = 0; at < queue.length; at += 1) {
    const { type, around } = queue[at] as (typeof queue)[number];
    for (const field of Object.values(type.getFields())) {
      const own: readonly [string, string] = [type.name, field.name];
      const isLeaf = !isCompositeType(getNamedType(field.type));
      const withField = (given: Text | null, inner: Text | null): Text => {
        const required = field.args.filter(
          (arg) => isRequired(arg) && !given?.text.startsWith(`${arg.name}:`),
        );
        const args = [...required.map(argumentOf), ...(given === null ? [] : [given])];
        const list = args.length === 0 ? '' : `(${args.map(({ text }) => text).join(', ')})`;
        const selection = isLeaf ? '' : ` { ${inner?.text ?? '__typename'} }`;
        return {
          text: `${field.name}${list}${selection}`,
          uses: [own, ...args.flatMap(({ uses }) => uses), ...(inner?.uses ?? [])],
        };
      };
      add(own.join('.'), around(withField(null, null)));
      for (const arg of field.args) {
        add(`${own.join('.')}(${arg.name})`, around(withField(argumentOf(arg), null)));
        enterInput(arg.type, (inner) =>
          around(withField({ text: `${arg.name}: ${inner.text}`, uses: inner.uses }, null)),
        );
      }
      const target = getNamedType(field.type);
      if (isObjectType(target)) enter(target, (inner) => around(withField(null, inner)));
    }
  }
  return places;

  function enterInput(given: GraphQLInputType, around: Around): void {
    const type = getNamedType(given);
    if (inputs.has(type.name)) return;
    if (isEnumType(type)) {
      inputs.set(type.name, around);
      for (const { name } of type.getValues()) {
        add(`${type.name}.${name}`, around(listed(given, { text: name, uses: [[type.name, name]] })));
      }
    } else if (isInputObjectType(type)) {
      inputs.set(type.name, around);
      for (const field of Object.values(type.getFields())) {
        const of = (inner: Text) => around(listed(given, objectOf(type, field, inner)));
        add(`${type.name}.${field.name}`, of(literalOf(field.type)));
        enterInput(field.type, of);
      }
    }
  }
}

/** An input object with one field, and those that it needs. */
function objectOf(type: GraphQLInputObjectType, field: GraphQLInputField, inner: Text): Text {
  const others = Object.values(type.getFields()).filter((other) => isRequired(other) && other !== field);
  const parts = others.map((other) => ({ name: other.name, ...literalOf(other.type) }));
  const all = [...parts, { name: field.name, ...inner }];
  return {
    text: `{ ${all.map(({ name, text }) => `${name}: ${text}`).join(', ')} }`,
    uses: all.flatMap(({ name, uses }) => [[type.name, name] as const, ...uses]),
  };
}

function argumentOf(arg: GraphQLArgument): Text {
  const { text, uses } = literalOf(arg.type);
  return { text: `${arg.name}: ${text}`, uses };
}

function literalOf(given: GraphQLInputType): Text {
  const type = getNamedType(given);
  if (isEnumType(type)) {
    const name = type.getValues()[0]?.name as string;
    return listed(given, { text: name, uses: [[type.name, name]] });
  }
  if (!isInputObjectType(type)) return listed(given, { text: literals[type.name] ?? '"1"', uses: [] });
  const required = Object.values(type.getFields()).filter(isRequired);
  const parts = required.map((field) => ({ name: field.name, ...literalOf(field.type) }));
  return listed(given, {
    text: `{ ${parts.map(({ name, text }) => `${name}: ${text}`).join(', ')} }`,
    uses: parts.flatMap(({ name, uses }) => [[type.name, name] as const, ...uses]),
  });
}

/** The value within the lists of its type; GraphQL takes one value for a list of it, but not within an enum's list of a variable. */
function listed(given: GraphQLInputType, inner: Text): Text {
  const type = isNonNullType(given) ? given.ofType : given;
  if (!isListType(type)) return inner;
  const { text, uses } = listed(type.ofType, inner);
  return { text: `[${text}]`, uses };
}

function isRequired({ type, defaultValue }: GraphQLArgument | GraphQLInputField): boolean {
  return isNonNullType(type) && defaultValue === undefined;
}
