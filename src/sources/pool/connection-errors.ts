/** Whether the server closed the connection, so that it has no session of it; a reset may come from a proxy between. */
export function isEnd(error: Error | undefined): boolean {
  return (error as { code?: unknown } | undefined)?.code === 'PROTOCOL_CONNECTION_LOST';
}

/** mysql2's errors of what cannot go on. */
export function isFatal(error: Error): boolean {
  return (error as { fatal?: boolean }).fatal === true;
}

export function closedByUs(): Error {
  return Object.assign(new Error('The connection was closed.'), { code: 'PROTOCOL_CONNECTION_LOST' });
}
