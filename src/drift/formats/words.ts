import type { Explanation } from '../../errors/explanation.ts';
import type { Comparison, DriftFinding, Party } from '../finding.ts';

const names: Record<Party, string> = { AZURE: 'azure', GCP: 'gcp', ENTITIES: 'entities' };

/** Such as `azure ↔ gcp`. */
export function comparisonTitle({ left, right }: Comparison): string {
  return `${names[left]} ↔ ${names[right]}`;
}

/** Such as `column`, `foreign key`. */
export function findingLabel({ kind }: DriftFinding): string {
  return kind.toLowerCase().replaceAll('_', ' ');
}

/** The value of a side, on one line. */
export function shownValue(value: string | null): string {
  return value === null ? 'none' : value === '' ? "''" : value.replace(/\s+/g, ' ');
}

/** Such as `azure varchar(50), gcp varchar(60)`. */
function valuesOf({ left, right }: Comparison, found: DriftFinding): string {
  return `${names[left]} ${shownValue(found.left)}, ${names[right]} ${shownValue(found.right)}`;
}

/** A finding as what went wrong and what to do: what both sides have, and the statements that mend the right one. */
export function explainFinding(comparison: Comparison, found: DriftFinding): Explanation {
  return {
    cause: valuesOf(comparison, found),
    remedy: found.statements.map((sql) => `${sql};`).join('\n'),
  };
}

/** The title of the plan, with the outcome of its trial; null where there is none. */
export function planTitle({ left, right, plan: { statements, verification } }: Comparison): string | null {
  if (statements.length === 0) return null;
  const { state, detail } = verification;
  const words = { NOT_VERIFIED: 'not verified', VERIFIED: 'verified', FAILED: 'does not do it' }[state];
  return `What makes ${names[right]} as ${names[left]} is, in this order (${words}${detail === null ? '' : `: ${detail}`})`;
}

/** Why something was not compared; null where all was. */
export function notVisibleNote({ notVisible }: Comparison): string | null {
  if (notVisible.length === 0) return null;
  const kinds = notVisible.map((kind) => `${kind.toLowerCase().replaceAll('_', ' ')}s`).join(', ');
  return `Not compared, since an account may not see them: ${kinds}.`;
}

/** The tables of others; null where there are none. */
export function notManagedNote({ notManaged }: Comparison): string | null {
  if (notManaged.length === 0) return null;
  return `Not managed, since no entity names them: ${notManaged.join(', ')}.`;
}
