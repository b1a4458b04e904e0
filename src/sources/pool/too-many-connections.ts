/** ER_CON_COUNT_ERROR, ER_TOO_MANY_USER_CONNECTIONS, ER_USER_LIMIT_REACHED */
const refusals: ReadonlySet<unknown> = new Set([1040, 1203, 1226]);

/** Whether the server refuses a login since it, or the account, has too many connections: the server is there. */
export function hasTooManyConnections(error: unknown): boolean {
  return refusals.has((error as { readonly errno?: unknown }).errno);
}
