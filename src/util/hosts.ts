import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** A host and, perhaps, a port. User names, paths and white space, which a URL parser would take, do not match. */
const authorityForm = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d*)?$/i;

/**
 * The host of `localhost:4000` or `[::1]:4000`, as a URL parser writes it: in lower case, addresses in their shortest
 * form, IPv6 in brackets, and without the dot that may end a name. Null where it is none.
 * https://url.spec.whatwg.org/#host-parsing
 */
function hostOf(authority: string): string | null {
  if (!authorityForm.test(authority)) return null;
  return URL.parse(`http://${authority}`)?.hostname.replace(/\.$/, '') || null;
}

/** The same of an address or a name without a port, where IPv6 has no brackets: as in HOST. */
export function hostOfAddress(address: string): string | null {
  return hostOf(isIP(address) === 6 ? `[${address}]` : address);
}

/** Whether a host, as `hostOf` writes it, is this machine for itself. https://www.rfc-editor.org/rfc/rfc6761#section-6.3 */
export function isLoopback(host: string | null): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host ?? '');
}

/** Texts of Host that are remembered at most: each deployment has a few. */
const mostTexts = 100;

/** Tells which requests were meant for this server. */
export interface HostCheck {
  /** Whether the host that a request names is one of ours. */
  names(request: IncomingMessage): boolean;
  /** Whether the page that sent a request, where a browser says so, came from one of ours. */
  comesFrom(request: IncomingMessage): boolean;
}

/**
 * Requests must name a host of `allowed`, a loopback name, or the very address that they came in on. A page that lets its
 * own name resolve to this server's address (DNS rebinding) is of that server's origin for a browser and may read its
 * answers, but its requests name the page's host. Any client can send X-Forwarded-Host, so it does not count.
 *
 * @param allowed hosts as `hostOf` writes them
 */
export function hostCheck(allowed: readonly string[]): HostCheck {
  const hosts = new Set(allowed);
  /** By the text: a URL is not parsed for each request. */
  const known = new Set<string>();

  function isOurs(authority: string, { socket }: IncomingMessage): boolean {
    if (known.has(authority)) return true;
    const host = hostOf(authority);
    if (host === null) return false;
    if (hosts.has(host) || isLoopback(host)) {
      if (known.size < mostTexts) known.add(authority);
      return true;
    }
    // No name resolves to an address that is written out. IPv4 on a socket of IPv6 has a prefix.
    const local = socket.localAddress?.replace(/^::ffff:/i, '');
    return local !== undefined && hostOfAddress(local) === host;
  }

  return {
    names: (request) => isOurs(authorityOf(request), request),
    comesFrom(request) {
      const { origin } = request.headers;
      if (origin === undefined) return true;
      const { groups } = /^https?:\/\/(?<authority>[^/]+)$/i.exec(origin) ?? {};
      return groups?.authority !== undefined && isOurs(groups.authority, request);
    },
  };
}

/** Where the target is a whole URL, its host counts and not the header's: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2 */
function authorityOf({ url = '', headers }: IncomingMessage): string {
  if (url.startsWith('/') || url === '*') return headers.host ?? '';
  return /^https?:\/\/([^/?#]*)/i.exec(url)?.[1] ?? '';
}
