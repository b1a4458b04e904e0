import { TandemError } from '../errors/tandem-error.ts';
import type { ActiveIdentity, Identity } from './identity.ts';

/** The header that names the role in which a request acts. */
export const roleHeader = 'x-tandem-role';

/**
 * The one role in which a request acts: the one that it names, which must be among those of its token, or the only one that its
 * token has.
 *
 * @param wanted the header `X-Tandem-Role`
 * @throws TandemError FORBIDDEN
 */
export function inRole(identity: Identity, wanted: string | readonly string[] | undefined): ActiveIdentity {
  const { roles } = identity;
  if (wanted === undefined || wanted === '') {
    if (roles.length <= 1) return { ...identity, role: roles[0] ?? null };
    throw new TandemError('FORBIDDEN', {
      message: 'The token has several roles: name the one to act in by the header X-Tandem-Role.',
    });
  }
  // Node joins several of one name by commas, which no role of the token then is.
  if (typeof wanted === 'string' && roles.includes(wanted)) return { ...identity, role: wanted };
  throw new TandemError('FORBIDDEN', { message: 'The token has no role as the header X-Tandem-Role names.' });
}
