/**
 * Milliseconds for which a token is still valid, by its claim `exp` (RFC 7519); undefined where it does not say so, as a
 * password or Google's tokens.
 */
export function tokenLifeMs(token: string, now: Date): number | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const { exp } = JSON.parse(Buffer.from(parts[1] as string, 'base64url').toString()) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 - now.getTime() : undefined;
  } catch {
    return undefined;
  }
}
