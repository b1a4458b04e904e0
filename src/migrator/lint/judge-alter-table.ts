import type { AlterClause } from './alter-clause.ts';
import type { Impact, ServerVerdict } from './impact.ts';
import { judge, type Verdict } from './judge.ts';
import { impactOf } from './online-ddl.ts';
import { refusedLimits, waitFor } from './online-limits.ts';
import type { Severity } from './rules.ts';
import type { KnownTables } from './schema-state.ts';
import type { ParsedStatement } from './statement.ts';

interface AlterTableContext {
  readonly known: KnownTables;
  /** Rows of the table; null where that is not known. */
  readonly count: number | null;
  readonly answer: ServerVerdict | undefined;
  readonly foreignKeyChecks: boolean;
  /** Columns, with their tables, whose NULLs a statement before has filled. */
  readonly filledIn: ReadonlySet<string>;
  readonly large: number;
  readonly report: (verdict: Verdict, impact: Impact, severity?: Severity) => void;
}

/** Reports what each clause does, and what others wait for; answers how MySQL carries the statement out. */
export function judgeAlterTable(
  { table: name, clauses }: ParsedStatement & { kind: 'alterTable' },
  { known, count, answer, foreignKeyChecks, filledIn, large, report }: AlterTableContext,
): Impact {
  const table = known.tables.get(name);
  // This migration created the table, so it is empty: no session waits for it, and it has no rows to lose.
  const fresh = table?.fresh === true && !table.filled;
  const read = impactOf({ known, table, clauses, foreignKeyChecks });
  const impact = answer !== undefined && 'lock' in answer ? { ...read, ...answer, certain: true } : read;
  const verdicts = clauses.flatMap((clause) => judge(clause, table, foreignKeyChecks));
  for (const verdict of verdicts) {
    if (count === 0 && verdict.needsRows) continue;
    if (fresh && isChangeOfOwn(verdict)) continue;
    if (isReplaced(verdict, clauses)) continue;
    const softened = verdict.rule === 'null-to-not-null' && filledIn.has(`${name}.${verdict.part}`);
    report(verdict, impact, softened ? 'info' : undefined);
  }
  const refused = refusedLimits(clauses, impact);
  if (refused !== null) report({ rule: 'algorithm-refused', cause: refused }, impact);
  const waits = count === 0 ? null : waitFor(impact);
  const said = verdicts.some(({ rule }) => rule === 'foreign-key-checked');
  const heavy = count !== null && count >= large;
  if (waits !== null && !(said && waits === 'table-copy' && !heavy)) {
    const cause =
      'The old definition is not known here: at worst MySQL copies the whole table while writes wait.';
    const severity = waits === 'table-rebuild' ? 'warning' : 'error';
    report({ rule: waits, ...(!impact.certain && { cause }) }, impact, heavy ? severity : undefined);
  }
  return impact;
}

/** Whether another primary key takes the place of the one that goes. */
function isReplaced({ rule }: Verdict, clauses: readonly AlterClause[]): boolean {
  return rule === 'drop-primary-key' && clauses.some(({ does }) => does === 'addPrimaryKey');
}

/** Whether it only takes back or alters what these statements themselves have made. */
function isChangeOfOwn({ rule }: Verdict): boolean {
  return rule.startsWith('drop-') || rule.startsWith('rename-');
}
