import {
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { type Fragments, fragmentsOf } from './fragments-of.ts';
import { isNull, nullVariable } from './null-variable.ts';

interface RootField {
  readonly name: string;
  /** Variables that may be null, where the field's arguments take none. */
  readonly variables: ReadonlySet<string>;
}

const known = new WeakMap<OperationDefinitionNode, readonly RootField[]>();

/**
 * The error where null keeps each of an operation's fields from running; null where one of them may run. A variable with a
 * default may be null also where an argument takes none, and then the field is an error
 * (https://spec.graphql.org/October2021/#CoerceArgumentValues()): with all of them, the request is one.
 *
 * @param given the variables as they came
 */
export function nullArgumentError(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): GraphQLError | null {
  let fields = known.get(operation);
  if (fields === undefined) {
    fields = rootFieldsOf(schema, document, operation);
    known.set(operation, fields);
  }
  let first: GraphQLError | null = null;
  for (const { name, variables } of fields) {
    const wrong = [...variables].find((variable) => isNull(given, variable));
    if (wrong === undefined) return null;
    first ??= nullVariable(operation, wrong, `"${name}"`);
  }
  return first;
}

/** Empty where one of them takes no such variable: it may always run. */
function rootFieldsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly RootField[] {
  const nullable = new Set(
    operation.variableDefinitions
      ?.filter(({ type }) => type.kind !== Kind.NON_NULL_TYPE)
      .map(({ variable }) => variable.name.value),
  );
  const definitions = schema.getRootType(operation.operation)?.getFields() ?? {};
  const fields = nullable.size === 0 ? [] : nodesOf(operation.selectionSet, fragmentsOf(document));
  const found = fields.map(({ name: { value: name }, arguments: given = [] }) => {
    const types = new Map(definitions[name]?.args.map((argument) => [argument.name, argument.type]));
    const taken = given.flatMap(({ name: argument, value }) => requiredIn(value, types.get(argument.value)));
    return { name, variables: new Set(taken).intersection(nullable) };
  });
  return found.every(({ variables }) => variables.size > 0) ? found : [];
}

/** The fields of a selection and of its fragments: of a valid document, which has no circles. */
function nodesOf({ selections }: SelectionSetNode, fragments: Fragments): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return selection;
    const below = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments[selection.name.value];
    return below === undefined ? [] : nodesOf(below.selectionSet, fragments);
  });
}

/** The variables of a value that stand where there must not be null. */
function requiredIn(node: ValueNode, type: GraphQLInputType | undefined): string[] {
  if (type === undefined) return [];
  if (node.kind === Kind.VARIABLE) return isNonNullType(type) ? [node.name.value] : [];
  const nullable = getNullableType(type);
  const item = isListType(nullable) ? nullable.ofType : undefined;
  if (node.kind === Kind.LIST) return node.values.flatMap((value) => requiredIn(value, item));
  if (item !== undefined) return requiredIn(node, item);
  if (node.kind !== Kind.OBJECT || !isInputObjectType(nullable)) return [];
  const fields = nullable.getFields();
  return node.fields.flatMap(({ name, value }) => requiredIn(value, fields[name.value]?.type));
}
