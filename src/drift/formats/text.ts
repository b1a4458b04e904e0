import { unreachableLines } from '../../errors/unreachable-source.ts';
import { type Paint, unpainted } from '../../util/terminal-text.ts';
import type { DriftReport } from '../report.ts';
import {
  comparisonTitle,
  explainFinding,
  findingLabel,
  notManagedNote,
  notVisibleNote,
  planTitle,
} from './words.ts';

/** For a person at a terminal; `paint` colours. */
export function asText({ comparisons, unreachable }: DriftReport, paint: Paint = unpainted): string {
  const lines: string[] = [];
  for (const comparison of comparisons) {
    const { findings } = comparison;
    lines.push(`${paint('bold', comparisonTitle(comparison))}  ${summaryOf(findings.length, paint)}`);
    const widest = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => text.length));
    const kinds = widest(findings.map(findingLabel));
    const objects = widest(findings.map(({ object }) => object));
    for (const found of findings) {
      const severity = found.breaking ? paint('red', 'breaking') : paint('yellow', 'cosmetic');
      const { object, property } = found;
      lines.push(
        `  ${severity}  ${findingLabel(found).padEnd(kinds)}  ${object.padEnd(objects)}  ${property}: ${explainFinding(comparison, found).cause}`,
      );
      if (found.losesData) lines.push(`            ${paint('yellow', 'That deletes data.')}`);
    }
    const plan = planTitle(comparison);
    if (plan !== null) lines.push(`  ${plan}:`);
    for (const sql of comparison.plan.statements) lines.push(`    ${paint('dim', `${sql};`)}`);
    for (const note of comparison.plan.notes) lines.push(`  ${paint('yellow', note)}`);
    for (const note of [notManagedNote(comparison), notVisibleNote(comparison)]) {
      if (note !== null) lines.push(`  ${paint('dim', note)}`);
    }
  }
  lines.push(...unreachableLines(unreachable, paint));
  return `${lines.join('\n')}\n`;
}

function summaryOf(count: number, paint: Paint): string {
  return count === 0 ? paint('green', 'no drift') : count === 1 ? '1 difference' : `${count} differences`;
}
