/** Workers that cannot be kept running. The message is for the person at the terminal. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
}
