import type { IssuerConfig } from '../config/groups/access.ts';
import { claimOf } from './claims.ts';

type Claims = Readonly<Record<string, unknown>>;

/** The roles that a token's claims give, in the token's order: the values of a claim, or what the settings make of them. */
export function rolesOf(
  claims: Claims,
  { rolesClaim, roles, verifiesEmail = false }: Pick<IssuerConfig, 'rolesClaim' | 'roles' | 'verifiesEmail'>,
): string[] {
  // A user whose provider checks no address could write another's into the account and take their roles.
  if (rolesClaim === 'email' && !verifiesEmail && claims.email_verified !== true) return [];
  const values = textsOf(claimOf(claims, rolesClaim));
  if (roles === undefined) return values;
  const given = values.flatMap((value) => (Object.hasOwn(roles, value) ? (roles[value] ?? []) : []));
  return [...new Set(given)];
}

function textsOf(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = list.filter((one): one is string => typeof one === 'string' && one !== '');
  return [...new Set(texts)];
}
