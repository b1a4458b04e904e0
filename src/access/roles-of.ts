import type { IssuerConfig } from '../config/groups/access.ts';

type Claims = Readonly<Record<string, unknown>>;

/** The roles that a token's claims give, in the token's order: the values of a claim, or what the settings make of them. */
export function rolesOf(
  claims: Claims,
  { rolesClaim, roles }: Pick<IssuerConfig, 'rolesClaim' | 'roles'>,
): string[] {
  // A user whose provider checks no address could write another's into the account and take their roles.
  if (rolesClaim === 'email' && claims.email_verified !== true) return [];
  const values = textsOf(claimOf(claims, rolesClaim));
  if (roles === undefined) return values;
  const given = values.flatMap((value) => (Object.hasOwn(roles, value) ? (roles[value] ?? []) : []));
  return [...new Set(given)];
}

/** A claim by its name, which can be an address with dots in it, or by a path. Never what an object inherits. */
function claimOf(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Claims)[step];
  }
  return value;
}

function textsOf(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = list.filter((one): one is string => typeof one === 'string' && one !== '');
  return [...new Set(texts)];
}
