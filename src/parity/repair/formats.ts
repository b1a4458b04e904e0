import { exitCodes } from '../../errors/exit-codes.ts';
import { explanationLine } from '../../errors/explanation.ts';
import { unreachableForPrograms, unreachableLines } from '../../errors/unreachable-source.ts';
import { grouped, type Paint, unpainted } from '../../util/terminal-text.ts';
import { differenceText, keyText } from '../formats/words.ts';
import type { RepairReport } from './repair.ts';
import type { PlannedRow, TablePlan } from './table-plan.ts';

/** Rows that a report lists. */
const mostListed = 100;

/** For a person at a terminal. */
export function repairAsText(report: RepairReport, paint: Paint = unpainted): string {
  const { direction, tables, refusals, applied, after, unreachable } = report;
  const lines = [paint('bold', `${direction}: ${applied === null ? 'the plan' : 'written'}`)];
  const [, to = ''] = direction.split('-to-');
  for (const plan of tables) {
    const { table, inserts, updates, deletes } = plan;
    lines.push(
      `  ${table}  ${grouped(inserts)} inserted, ${grouped(updates)} overwritten, ${grouped(deletes)} deleted on ${to}`,
      ...notRepaired(plan).map((text) => paint('yellow', `    ${text}`)),
    );
    if (applied !== null) continue;
    lines.push(...plan.rows.map((row) => `    ${plannedText(row)}`));
    const more = inserts + updates + deletes - plan.rows.length;
    if (more > 0) lines.push(`    and ${grouped(more)} more`);
  }
  for (const refusal of refusals) lines.push(paint('red', `  Refused: ${refusal}`));
  for (const { operation, why } of applied?.left.slice(0, mostListed) ?? [])
    lines.push(`  left as it is: ${operation.pair.name} ${keyText(operation.key)}: ${why}`);
  if (applied !== null && applied.left.length > mostListed)
    lines.push(`  and ${grouped(applied.left.length - mostListed)} more`);
  lines.push(...unreachableLines(unreachable, paint));
  if (after !== null) {
    lines.push(`Compared again: ${after.verdict}`);
    for (const { table, differences } of after.tables)
      for (const row of differences) lines.push(`  ${table} ${differenceText(row)}`);
  } else if (unreachable.length === 0) lines.push(nextOf(report));
  return `${lines.join('\n')}\n`;
}

function notRepaired({ withoutKey, hot }: TablePlan): string[] {
  return [
    ...(withoutKey > 0 ? [`${grouped(withoutKey)} differ and have no key: they are not repaired.`] : []),
    ...(hot > 0 ? [`${grouped(hot)} changed too often to be compared: they are not repaired.`] : []),
  ];
}

/** Such as `overwrites diagnosis of id=17`. */
function plannedText({ action, key, columns }: PlannedRow): string {
  if (action === 'INSERT') return `inserts ${keyText(key)}`;
  if (action === 'DELETE') return `deletes ${keyText(key)}`;
  return `overwrites ${columns.join(', ')} of ${keyText(key)}`;
}

function nextOf({ tables, refusals, exitCode }: RepairReport): string {
  if (refusals.length > 0) return 'Nothing was written.';
  if (tables.length === 0) return 'Nothing differs.';
  const statements = tables.reduce(
    (sum, { inserts, updates, deletes }) => sum + inserts + updates + deletes,
    0,
  );
  if (statements === 0)
    return `Nothing was written, and nothing can be: ${exitCode === exitCodes.parity.PARTIAL ? 'compare again when fewer rows change' : 'give the tables a key, or copy them anew'}.`;
  const count = `${grouped(statements)} ${statements === 1 ? 'statement' : 'statements'}`;
  return explanationLine({
    cause: 'Nothing was written.',
    remedy: `read the plan of ${count}, then add --apply.`,
  });
}

/** For programs: fields are added, and never renamed or removed. */
export function repairAsJson({ applied, after, ...report }: RepairReport): string {
  const unreachable = unreachableForPrograms(report.unreachable);
  const left = applied?.left.map(({ operation: { pair, key, action }, why }) => ({
    table: pair.name,
    key,
    action,
    why,
  }));
  const verdict = after?.verdict ?? null;
  return `${JSON.stringify({ ok: report.exitCode === 0, ...report, unreachable, written: applied?.done.length ?? 0, left: left ?? [], verdict })}\n`;
}
