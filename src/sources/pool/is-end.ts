/** Whether the server closed the connection, so that it has no session of it; a reset may come from a proxy between. */
export function isEnd(error: Error | undefined): boolean {
  return (error as { code?: unknown } | undefined)?.code === 'PROTOCOL_CONNECTION_LOST';
}
