import { unreachableForPrograms, unreachableLines } from '../../errors/unreachable-source.ts';
import { grouped, type Paint, unpainted } from '../../util/terminal-text.ts';
import { differenceText } from '../formats/words.ts';
import type { RepairReport } from './repair.ts';

/** Rows that a report lists. */
const mostListed = 100;

/** For a person at a terminal. */
export function repairAsText(report: RepairReport, paint: Paint = unpainted): string {
  const { direction, tables, refusals, applied, after, unreachable } = report;
  const lines = [paint('bold', `${direction}: ${applied === null ? 'the plan' : 'written'}`)];
  const [, to = ''] = direction.split('-to-');
  for (const { table, inserts, updates, deletes, withoutKey } of tables) {
    lines.push(
      `  ${table}  ${grouped(inserts)} inserted, ${grouped(updates)} overwritten, ${grouped(deletes)} deleted on ${to}`,
    );
    if (withoutKey > 0)
      lines.push(
        paint('yellow', `    ${grouped(withoutKey)} differ and have no key: they are not repaired.`),
      );
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

function nextOf({ tables, refusals }: RepairReport): string {
  if (refusals.length > 0) return 'Nothing was written.';
  if (tables.length === 0) return 'Nothing differs.';
  return 'Nothing was written. Next: read the plan, then add --apply.';
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

const keyText = (key: Readonly<Record<string, string>>) =>
  Object.entries(key)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(' ');
