import type { GraphQLSchema } from 'graphql';
import type { ClassType } from 'type-graphql';
import type { AccessRules } from '../../src/access/permission.ts';
import { schemaOfRole } from '../../src/graphql/role-schema.ts';

/** The schemas of roles, each made once: pruning one takes longer than most tests of it. */
export function roleSchemas(
  whole: Promise<GraphQLSchema>,
  rules: AccessRules,
  entities: readonly ClassType<object>[],
): (role: string) => Promise<GraphQLSchema> {
  const known = new Map<string, Promise<GraphQLSchema>>();
  return (role) => {
    const own = known.get(role) ?? whole.then((schema) => schemaOfRole(schema, role, rules, entities));
    known.set(role, own);
    return own;
  };
}
