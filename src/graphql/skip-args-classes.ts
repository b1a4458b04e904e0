import type { GraphQLFieldResolver, GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import { getMetadataStorage } from 'type-graphql';
import type { Context } from '../context.ts';

type Metadata = ReturnType<typeof getMetadataStorage>;
type Parameter = NonNullable<Metadata['queries'][number]['params']>[number];
type Arguments = Record<string, unknown>;
type Take = (given: Arguments, context: Context, info: GraphQLResolveInfo) => unknown;
type Resolver = new () => Record<string, (...given: unknown[]) => unknown>;

/**
 * Gives the methods of resolvers their arguments as GraphQL has coerced them. TypeGraphQL makes an instance of each
 * argument's class, and of each input object's in it, field by field. None of our resolvers asks of what class something is, and of a filtered
 * page that took 7 % of the CPU. A method with a middleware, a role or a parameter of another kind is left as is.
 */
export function skipArgsClasses(schema: GraphQLSchema, resolvers: readonly unknown[]): void {
  const { queries, mutations } = getMetadataStorage();
  const fields = { ...schema.getQueryType()?.getFields(), ...schema.getMutationType()?.getFields() };
  for (const { schemaName, target, methodName, params = [], middlewares, roles } of [
    ...queries,
    ...mutations,
  ]) {
    const field = fields[schemaName];
    if (field === undefined || !resolvers.includes(target) || middlewares?.length || roles) continue;
    const takes = params.toSorted((one, other) => one.index - other.index).map(takeOf);
    if (!takes.includes(null)) field.resolve = resolveBy(target as Resolver, methodName, takes as Take[]);
  }
}

function resolveBy(
  resolver: Resolver,
  method: string,
  takes: readonly Take[],
): GraphQLFieldResolver<unknown, Context> {
  const instance = new resolver();
  return (_root, given, context, info) =>
    instance[method]?.(...takes.map((take) => take(given, context, info)));
}

function takeOf(parameter: Parameter): Take | null {
  switch (parameter.kind) {
    case 'args':
      return (given) => given;
    case 'arg':
      return (given) => given[parameter.name];
    case 'context':
      return parameter.propertyName === undefined ? (_given, context) => context : null;
    case 'info':
      return (_given, _context, info) => info;
    default:
      return null;
  }
}
