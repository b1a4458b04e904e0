import type { AccessRules, RoleOptions } from '../access/permission.ts';
import { tableOf } from './table.ts';

/**
 * The roles that tokens and API keys can have. The permissions of each on a table stand beside the table, in the `permissions` of
 * its `@Table`. The role `administrator` may do everything, and is not in this list.
 */
const declaredRoles: Readonly<Record<string, RoleOptions>> = {
  doctor: {
    description: 'Treats patients: sees those with a medical record of their own, and writes these.',
  },
  analyst: { description: 'Counts stays and diagnoses; sees no names.' },
  operator: {
    description: 'Watches over the databases; sees no rows.',
    features: ['introspection', 'metrics', 'sources', 'drift', 'erd', 'parity', 'migrations'],
  },
};

/** The permissions of roles by the entities' own declarations. */
export function declaredRules(
  entities: readonly (abstract new (...args: never[]) => object)[],
  of: AccessRules['roles'] = declaredRoles,
): AccessRules {
  const tables = entities.map((entity) => [entity.name, tableOf(entity)?.permissions ?? {}] as const);
  return { roles: of, tables: Object.fromEntries(tables) };
}
