/** The pattern for names of tables: `*` stands for any characters, and case does not matter. */
export function namePattern(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'isu');
}

/** Whether a name fits one of the patterns. */
export function fitting(patterns: readonly string[]): (name: string) => boolean {
  const tried = patterns.map(namePattern);
  return (name) => tried.some((pattern) => pattern.test(name));
}

/** Why names that were given fit nothing: a sentence with the first of those that there are. */
export function noneCalled(
  kind: 'table' | 'table or view',
  missing: readonly string[],
  there: readonly string[],
): string {
  const some = there.slice(0, 20).join(', ');
  return `No ${kind} is called ${missing.join(', ')}. Those there are: ${some}${there.length > 20 ? ', …' : ''}.`;
}
