import type { DriftFinding } from './finding.ts';

/**
 * Findings beside entities whose spelling no server has brought into its own: where the two sides may say the same in
 * other words, a difference is not called breaking.
 *
 * @param isInDoubt whether the entity's table, by a finding's object, is in its own words
 */
export function spellingDifferences(
  findings: readonly DriftFinding[],
  isInDoubt: (object: string) => boolean,
): DriftFinding[] {
  return findings.map((finding) =>
    isInDoubt(finding.object) && mayBeSpelling(finding) ? { ...finding, breaking: false } : finding,
  );
}

function mayBeSpelling({ kind, property, left, right }: DriftFinding): boolean {
  if (left === null || right === null) return false;
  if (kind === 'CHECK') return property === 'expression';
  if (kind === 'INDEX') return property === 'parts' && /(^|, )\(/.test(`${left}, ${right}`);
  if (kind !== 'COLUMN') return false;
  if (property === 'generated') return left.split(' ').at(-1) === right.split(' ').at(-1);
  if (property !== 'default') return false;
  const [a, b] = [left.replace(/^'(.*)'$/s, '$1'), right.replace(/^'(.*)'$/s, '$1')];
  // Numbers, times and bytes have several spellings; texts have one.
  if (!left.startsWith("'") || !right.startsWith("'")) return true;
  const times = [a, b].every((one) => /^\d[\d\s:.-]*[:-][\d\s:.-]*$/.test(one));
  return times || (a.trim() !== '' && b.trim() !== '' && Number(a) === Number(b));
}
