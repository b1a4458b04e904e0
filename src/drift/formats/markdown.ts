import type { DriftReport } from '../report.ts';
import {
  comparisonTitle,
  findingLabel,
  notManagedNote,
  notVisibleNote,
  planTitle,
  shownValue,
} from './words.ts';

/** For a comment on a pull request. */
export function asMarkdown({ comparisons, unreachable }: DriftReport): string {
  const parts = comparisons.flatMap((comparison) => {
    const { left, right, findings, plan } = comparison;
    const rows = findings.map((found) => [
      found.breaking ? '**breaking**' : 'cosmetic',
      findingLabel(found),
      code(found.object),
      found.property,
      code(shownValue(found.left)),
      code(shownValue(found.right)),
    ]);
    const title = planTitle(comparison);
    const sql = plan.statements.map((statement) => `${statement};`).join('\n');
    const fence = '`'.repeat(Math.max(3, ...[...sql.matchAll(/`+/g)].map(([run]) => run.length + 1)));
    return [
      `### ${comparisonTitle(comparison)}`,
      rows.length === 0
        ? 'No drift.'
        : [
            ['', 'Kind', 'Object', 'Property', left.toLowerCase(), right.toLowerCase()],
            Array(6).fill('---'),
            ...rows,
          ]
            .map((cells) => `| ${cells.join(' | ')} |`)
            .join('\n'),
      ...(title === null ? [] : [`${title}:`, `${fence}sql\n${sql}\n${fence}`]),
      ...plan.notes,
      ...[notManagedNote(comparison), notVisibleNote(comparison)].filter((note) => note !== null),
    ];
  });
  const errors = unreachable.map(
    ({ source, code, cause, remedy }) => `**${source.toLowerCase()}: ${code}.** ${cause} ${remedy}`,
  );
  return `${[...parts, ...errors].join('\n\n')}\n`;
}

/** A value as code, whatever it has of backticks and bars. */
function code(value: string): string {
  const text = value.replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${text}${fence}` : `${fence} ${text} ${fence}`;
}
