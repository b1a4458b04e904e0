/**
 * Divides connections among processes as evenly as whole numbers allow; the first ones get the remainder. The
 * shares add up to the connections, which is what keeps the whole deployment within them.
 */
export function shares(connections: number, processes: number): readonly number[] {
  const each = Math.floor(connections / processes);
  const remainder = connections % processes;
  return Array.from({ length: processes }, (_, index) => (index < remainder ? each + 1 : each));
}
