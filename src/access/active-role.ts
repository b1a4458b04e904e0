import { TandemError } from '../errors/tandem-error.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import type { ActiveIdentity, Identity } from './identity.ts';

/** The header that names the role in which a request acts. */
export const roleHeader = 'x-tandem-role';

/**
 * The one role in which a request acts: the one that it names, which must be among those of its token, or the only one that its
 * token has. Roles without any permission are none.
 *
 * @param wanted the header `X-Tandem-Role`
 * @param known roles that have permissions
 * @throws TandemError FORBIDDEN
 */
export function inRole(
  identity: Identity,
  wanted: string | readonly string[] | undefined,
  known: ReadonlySet<string>,
): ActiveIdentity {
  const role = roleOf(
    identity.roles.filter((one) => known.has(one)),
    wanted,
  );
  const actives = activeOf(identity);
  let active = actives.get(role);
  if (active === undefined) {
    active = { ...identity, role };
    actives.set(role, active);
  }
  return active;
}

/** One object for a token and a role, by which others keep what they make of it. */
const activeOf = memoizeWeak((_: Identity) => new Map<string, ActiveIdentity>());

function roleOf(roles: readonly string[], wanted: string | readonly string[] | undefined): string {
  if (wanted === undefined || wanted === '') {
    const [only, ...more] = roles;
    if (only === undefined) {
      throw new TandemError('FORBIDDEN', { message: 'The token has no role that may do anything here.' });
    }
    if (more.length === 0) return only;
    throw new TandemError('FORBIDDEN', {
      message: 'The token has several roles: name the one to act in by the header X-Tandem-Role.',
    });
  }
  // Node joins several of one name by commas, which no role of the token then is.
  if (typeof wanted === 'string' && roles.includes(wanted)) return wanted;
  throw new TandemError('FORBIDDEN', { message: 'The token has no role as the header X-Tandem-Role names.' });
}
