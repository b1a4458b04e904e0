import { type ClassType, getMetadataStorage } from 'type-graphql';

/** `@Authorized()` names no role: every role with a permission has it. */
export function isAuthorized(roles: readonly unknown[], role: string): boolean {
  return roles.length === 0 || roles.includes(role);
}

/**
 * Whether `@Authorized` leaves a field of an entity to a role; a field without it is left to all. A field that it takes away is away in filters,
 * orders, aggregates and inputs, too: each of them would tell the value.
 */
export function isFieldAuthorized(entity: ClassType, name: string, role: string): boolean {
  const field = getMetadataStorage().fields.find(
    ({ target, schemaName }) =>
      schemaName === name && (entity === target || entity.prototype instanceof target),
  );
  return field?.roles === undefined || isAuthorized(field.roles, role);
}
