import type { ApolloServer } from '@apollo/server';
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { administratorRole } from '../access/identity.ts';
import type { AccessRules } from '../access/permission.ts';
import type { Context } from '../context.ts';
import { entities } from '../entities/index.ts';
import type { FastPath } from '../graphql/fast-path.ts';
import { schemaOfRole } from '../graphql/role-schema.ts';
import { type ApolloOptions, createApollo } from './apollo.ts';

/** The GraphQL server of one role: documents are parsed, validated, compiled and kept by the role's own schema. */
export interface RoleApi {
  readonly apollo: ApolloServer<Context>;
  readonly fastPath: FastPath;
}

export interface RoleApis {
  /** The API of a role: at once where it has been asked for before. */
  of(role: string): RoleApi | Promise<RoleApi>;
  /** Closes the HTTP server, too. */
  stop(): Promise<void>;
}

/** The administrator's API is there from the start; those of other roles are made when they are first asked for. */
export async function createRoleApis(
  http: FastifyInstance,
  schema: GraphQLSchema,
  { rules, ...options }: ApolloOptions & { readonly rules: AccessRules },
): Promise<RoleApis> {
  const ready = new Map<string, RoleApi>();
  const making = new Map<string, Promise<RoleApi>>();

  async function make(role: string): Promise<RoleApi> {
    const { features = [], cost = options.limits.cost } = rules.roles[role] ?? {};
    const api = createApollo(null, schemaOfRole(schema, role, rules, entities), {
      ...options,
      introspection: options.introspection && features.includes('introspection'),
      sandbox: false,
      limits: { ...options.limits, cost: Math.min(cost, options.limits.cost) },
    });
    await api.apollo.start();
    ready.set(role, api);
    return api;
  }

  const administrator = createApollo(http, schema, options);
  await administrator.apollo.start();
  ready.set(administratorRole, administrator);
  return {
    of(role) {
      const known = ready.get(role);
      if (known !== undefined) return known;
      let made = making.get(role);
      if (made === undefined) {
        made = make(role);
        making.set(role, made);
      }
      return made;
    },
    async stop() {
      // It closes the HTTP server, which answers what is in flight.
      await administrator.apollo.stop();
      for (const api of await Promise.allSettled(making.values())) {
        if (api.status === 'fulfilled') await api.value.apollo.stop();
      }
    },
  };
}
