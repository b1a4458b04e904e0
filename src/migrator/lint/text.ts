import { explanationLines } from '../../errors/explanation.ts';
import { rowsInWords } from '../../util/terminal-text.ts';
import type { LintFinding } from './finding.ts';
import type { MigrationFindings } from './migrations.ts';

/** Findings for a person, a migration after the other. Nothing for one without any. */
export function describeFindings(migrations: readonly MigrationFindings[]): string[] {
  return migrations.flatMap(({ name, findings }) =>
    findings.length === 0 ? [] : [name, ...findings.flatMap(describeFinding)],
  );
}

function describeFinding(finding: LintFinding): string[] {
  const { severity, rule, statement, object, rows, algorithm, lock, exempt } = finding;
  const indent = ' '.repeat(10);
  const place = statement === 0 ? '' : `statement ${statement}, `;
  const size = rows === null ? '' : ` (${rowsInWords(rows)})`;
  const how =
    algorithm === null || lock === null
      ? ''
      : ` [${algorithm}${algorithm === 'INSTANT' ? '' : `, LOCK=${lock}`}]`;
  const [cause = '', remedy = ''] = explanationLines(finding, { indent });
  return [
    `  ${severity.padEnd(7)} ${rule}  ${place}${object}${size}${how}`,
    cause,
    exempt === null ? remedy : `${indent}Allowed: ${exempt}`,
  ];
}

/** How MySQL will carry out each ALTER TABLE of a table that has rows. */
export function describeImpacts(migrations: readonly MigrationFindings[]): string[] {
  return migrations.flatMap(({ name, impacts }) =>
    impacts
      .filter(({ rows }) => rows !== 0)
      .map(({ statement, table, rows, algorithm, lock }) => {
        const size = rows === null ? '' : ` (${rowsInWords(rows)})`;
        const waits = lock === 'NONE' ? 'reads and writes go on' : 'writes wait';
        return `${name}, statement ${statement}: ${table}${size} ${algorithm}, ${waits}`;
      }),
  );
}

/** Such as: 1 error, 2 warnings. */
export function countOf(findings: readonly LintFinding[]): string {
  const parts = (['error', 'warning', 'info'] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    const word = severity === 'info' || count === 1 ? severity : `${severity}s`;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return parts.length === 0 ? 'nothing found' : parts.join(', ');
}
