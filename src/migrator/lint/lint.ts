import type { SchemaModel } from '../../information-schema/model.ts';
import { statementSplitter } from '../../sql/split-statements.ts';
import { isWord } from '../../sql/table-span.ts';
import { codeTokens } from '../../sql/tokens.ts';
import { applyToSchema } from './apply.ts';
import { exemptionsIn } from './exemptions.ts';
import { failuresOf } from './failures/failures.ts';
import type { LintFinding } from './finding.ts';
import type { Impact, ServerVerdict } from './impact.ts';
import { judge, type Verdict } from './judge.ts';
import { judgeAlterTable } from './judge-alter-table.ts';
import { replacedNames } from './replaced-names.ts';
import { rules, type Severity } from './rules.ts';
import { columnIn, copyOf, type KnownTables, knownFrom } from './schema-state.ts';
import { type ParsedStatement, statementOf } from './statement.ts';

export interface LintOptions {
  /** The tables before the first statement; null where they are not known. */
  readonly tables?: Pick<SchemaModel, 'tables'> | null;
  /** Live sizes, by table; null where there are none. A table that a migration creates is empty. */
  readonly rows?: Readonly<Record<string, number>> | null;
  /** The answers of a server, by statement; they are believed. */
  readonly verdicts?: ReadonlyMap<string, ServerVerdict> | null;
  /** From how many rows on a lock or copy is an error. */
  readonly large?: number;
}

/** How MySQL carries out one statement, for its announcement. */
export interface StatementImpact extends Impact {
  readonly statement: number;
  readonly table: string;
  readonly rows: number | null;
}

export const LARGE = 1_000_000;

/** Judges statements that run one after the other. */
export function lintStatements(
  statements: readonly string[],
  { tables = null, rows = null, verdicts = null, large = LARGE }: LintOptions = {},
): LintFinding[] {
  return walk(statements, knownFrom(tables), { rows, verdicts, large }).findings;
}

/** Follows the effects of statements on the tables, and collects findings about them. Changes `known`. */
export function walk(
  statements: readonly string[],
  known: KnownTables,
  { rows, verdicts, large = LARGE }: Pick<LintOptions, 'rows' | 'verdicts' | 'large'>,
): { findings: LintFinding[]; impacts: StatementImpact[] } {
  const findings: LintFinding[] = [];
  const impacts: StatementImpact[] = [];
  const filledIn = new Set<string>();
  let foreignKeyChecks = true;

  /** Null where it is not known. */
  function rowsOf(name: string): number | null {
    const table = known.tables.get(name);
    if (rows?.[name] !== undefined) return rows[name];
    if (table?.fresh) return table.filled ? null : 0;
    return rows && known.complete && table === undefined ? 0 : null;
  }

  for (const [index, text] of statements.flatMap(statementSplitter()).entries()) {
    const statement = statementOf(text);
    const answer = verdicts?.get(text);
    const exempt = exemptionsIn(text);
    const report = (verdict: Verdict, table: string, impact: Impact | null, severity?: Severity) => {
      const rule = rules[verdict.rule];
      const reason = exempt.get(verdict.rule) ?? null;
      findings.push({
        rule: verdict.rule,
        severity: reason === null ? (severity ?? rule.severity) : 'info',
        destructive: 'destructive' in rule,
        statement: index + 1,
        object: verdict.part === undefined ? table : `${table}.${verdict.part}`,
        cause: verdict.cause ?? rule.cause,
        remedy: rule.remedy,
        rows: table === '' ? null : rowsOf(table),
        algorithm: impact?.algorithm ?? null,
        lock: impact?.lock ?? null,
        exempt: reason,
      });
    };

    switch (statement.kind) {
      case 'foreignKeyChecks':
        foreignKeyChecks = statement.on;
        break;
      case 'createTable':
        judgeNewTable(statement, (verdict) => report(verdict, statement.table, null));
        break;
      case 'alterTable': {
        const count = rowsOf(statement.table);
        const impact = judgeAlterTable(statement, {
          known,
          count,
          answer,
          foreignKeyChecks,
          filledIn,
          large,
          report: (verdict, of, severity) => report(verdict, statement.table, of, severity),
        });
        impacts.push({ ...impact, statement: index + 1, table: statement.table, rows: count });
        break;
      }
      case 'renameTables':
        for (const { from, to } of statement.renames) {
          const cause = `It becomes ${to}: code that is running asks for the old name.`;
          if (known.tables.get(from)?.fresh !== true) report({ rule: 'rename-table', cause }, from, null);
        }
        break;
      case 'dropTables':
        for (const name of statement.tables) {
          if (known.tables.get(name)?.fresh !== true) report({ rule: 'drop-table' }, name, null);
        }
        break;
      case 'dropSchema':
        report({ rule: 'drop-schema', part: statement.name }, '', null);
        break;
      case 'dropObject':
        report(
          { rule: 'drop-object', cause: `The ${statement.what} goes, and its definition with it.` },
          statement.name,
          null,
        );
        break;
      case 'truncate':
        if (rowsOf(statement.table) !== 0) report({ rule: 'truncate' }, statement.table, null);
        break;
      case 'update':
      case 'delete': {
        const count = rowsOf(statement.table);
        noteFilled(statement, known, filledIn);
        if (count === 0) break;
        if (statement.kind === 'delete' && statement.reach === 'all')
          report({ rule: 'delete-all' }, statement.table, null);
        else if (statement.reach !== 'bounded') {
          const heavy = count !== null && count >= large;
          report({ rule: 'unbounded-change' }, statement.table, null, heavy ? 'error' : undefined);
        }
        break;
      }
      case 'optimize':
        for (const name of statement.tables) {
          const impact: Impact = { algorithm: 'INPLACE', lock: 'NONE', rebuilds: true, certain: true };
          if (rowsOf(name) !== 0) report({ rule: 'table-rebuild' }, name, impact);
        }
        break;
      case 'notUnderstood':
        report({ rule: 'not-understood' }, '', null);
        break;
    }
    for (const [name, kept] of replacedNames(text)) {
      const cause = `MySQL keeps ${name} as ${kept}, without an error.`;
      report({ rule: 'replaced-character', cause }, tableOf(statement), null);
    }
    if (answer !== undefined && 'errno' in answer) {
      const { errno, message } = answer;
      report(
        { rule: 'bound-to-fail', cause: `The server refused it (${errno}): ${message}` },
        tableOf(statement),
        null,
      );
    }
    const foreseen = answer === undefined ? failuresOf(statement, known, foreignKeyChecks) : [];
    for (const { errno, table, part, message } of foreseen) {
      const object = part === '' ? {} : { part };
      report(
        { rule: 'bound-to-fail', ...object, cause: `MySQL refuses it (${errno}): ${message}` },
        table,
        null,
      );
    }
    applyToSchema(statement, known);
  }
  return { findings, impacts };
}

function judgeNewTable(
  statement: ParsedStatement & { kind: 'createTable' },
  report: (verdict: Verdict) => void,
): void {
  if (statement.clauses === null) return;
  const primary = statement.clauses.some(
    (clause) =>
      clause.does === 'addPrimaryKey' || (clause.does === 'addColumn' && clause.column.key === 'PRIMARY'),
  );
  if (!primary) report({ rule: 'no-primary-key' });
  for (const clause of statement.clauses) {
    for (const verdict of judge(clause, undefined, true)) if (!verdict.needsRows) report(verdict);
  }
}

const tableOf = (statement: ParsedStatement) => ('table' in statement ? statement.table : '');

/** Remembers columns whose NULLs an UPDATE fills: making them NOT NULL afterwards is as it should be. */
function noteFilled(
  statement: ParsedStatement & { kind: 'update' | 'delete' },
  known: KnownTables,
  filled: Set<string>,
): void {
  if (statement.kind === 'delete') return;
  const table = known.tables.get(statement.table);
  const tokens = codeTokens(statement.text);
  for (const [at, { kind, text }] of tokens.entries()) {
    const column = kind === 'word' || kind === 'name' ? columnIn(table, text) : undefined;
    const isNull = isWord(tokens[at + 1], 'IS') && isWord(tokens[at + 2], 'NULL');
    if (column !== undefined && isNull) filled.add(`${statement.table}.${column.name}`);
  }
}

/** The tables after statements. */
export function after(statements: readonly string[], known: KnownTables): KnownTables {
  const result = copyOf(known);
  for (const text of statements.flatMap(statementSplitter())) applyToSchema(statementOf(text), result);
  return result;
}
