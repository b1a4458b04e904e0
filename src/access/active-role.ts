import { TandemError } from '../errors/tandem-error.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import type { ActiveIdentity, Identity } from './identity.ts';

/** The header that names the role in which a request acts. */
export const roleHeader = 'x-tandem-role';

/** One object for a token and a role, by which others keep what they make of it. */
const activeOf = memoizeWeak((_: Identity) => new Map<string, ActiveIdentity>());

/**
 * Makes the function that finds the one role in which a request acts: the one that it names, which must be among those of its
 * token, or the only one that its token has. Roles without any permission are none. The function takes the header
 * `X-Tandem-Role`, and throws TandemError FORBIDDEN.
 *
 * @param known roles that have permissions
 */
export function roleFinder(
  known: ReadonlySet<string>,
): (identity: Identity, wanted: string | readonly string[] | undefined) => ActiveIdentity {
  /** By the header: none but a role of the token is kept. */
  const found = memoizeWeak((_: Identity) => new Map<unknown, ActiveIdentity>());
  return (identity, wanted) => {
    const before = found(identity);
    let active = before.get(wanted);
    if (active === undefined) {
      const roles = identity.roles.filter((one) => known.has(one));
      active = inRole(identity, roleOf(roles, wanted));
      before.set(wanted, active);
    }
    return active;
  };
}

function inRole(identity: Identity, role: string): ActiveIdentity {
  const actives = activeOf(identity);
  let active = actives.get(role);
  if (active === undefined) {
    active = { ...identity, role };
    actives.set(role, active);
  }
  return active;
}

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
