import { findingOf } from './compare.ts';
import type { DriftFinding } from './finding.ts';
import { alone, difference } from './finding-builder.ts';

/** How the migrations that ran on the right differ from those that ran on the left. */
export function compareHistories(left: readonly string[], right: readonly string[]): DriftFinding[] {
  const found = (name: string, property: string, values: readonly [string | null, string | null]) =>
    findingOf(difference(alone('MIGRATION', name), property, values));
  // Other comparisons cover the tables: the order in which they came about breaks nothing.
  const order = (name: string, values: readonly [string, string]) =>
    findingOf(difference(alone('MIGRATION', name), 'order', values, { breaking: false }));
  const missing = left.filter((name) => !right.includes(name));
  const more = right.filter((name) => !left.includes(name));
  const [a, b] = [left.filter((name) => right.includes(name)), right.filter((name) => left.includes(name))];
  const first = a.findIndex((name, at) => name !== b[at]);
  return [
    ...missing.map((name) => found(name, 'existence', ['applied', null])),
    ...more.map((name) => found(name, 'existence', [null, 'applied'])),
    ...(first < 0 ? [] : [order(a[first] ?? '', [place(a, a[first]), place(b, a[first])])]),
  ];
}

/** How a history differs from the files of this build. Their order is that of their names. */
export function compareWithFiles(files: readonly string[], history: readonly string[]): DriftFinding[] {
  return compareHistories(files, history).map((difference) => ({
    ...difference,
    left: difference.left === 'applied' ? 'in this build' : difference.left,
    // One that this build does not know is of a newer build as a rule, and does no harm by itself.
    breaking: difference.breaking && difference.right !== 'applied',
  }));
}

function place(history: readonly string[], name = ''): string {
  const before = history[history.indexOf(name) - 1];
  return before === undefined ? 'first' : `after ${before}`;
}
