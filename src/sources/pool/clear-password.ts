import { TLSSocket } from 'node:tls';
import { type AuthPlugin, authPlugins } from 'mysql2';
import type { Account } from '../../config/groups/database.ts';

/**
 * The driver's options for an account that logs in with a token: the clouds ask for it as it is (`mysql_clear_password`), since
 * they look into it. A fixed password never goes over that way: no server needs to see it.
 */
export function tokenLogin({ password }: Account): { authPlugins?: Record<string, AuthPlugin> } {
  return typeof password === 'string' ? {} : { authPlugins: { mysql_clear_password: overVerifiedTls } };
}

/** mysql2's own, on a connection whose server has proven who it is, and on no other. */
const overVerifiedTls: AuthPlugin = (about) => {
  const answer = authPlugins.mysql_clear_password({})(about);
  return (data) => {
    const { stream } = about.connection as unknown as { readonly stream: unknown };
    if (stream instanceof TLSSocket && stream.authorized) return answer(data);
    // An attacker between could put the request right behind the server's greeting, which comes before TLS.
    throw Object.assign(new Error('asked for the password before TLS'), { code: 'HANDSHAKE_SSL_ERROR' });
  };
};
