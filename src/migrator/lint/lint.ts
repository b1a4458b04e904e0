import type { SchemaModel } from '../../information-schema/model.ts';
import { statementSplitter } from '../../sql/split-statements.ts';
import { isWord } from '../../sql/table-span.ts';
import { codeTokens, isName, nameIn, tokensOf } from '../../sql/tokens.ts';
import { applyToSchema } from './apply.ts';
import type { AlterClause } from './clauses.ts';
import { failuresOf } from './failures/failures.ts';
import type { LintFinding } from './finding.ts';
import type { Impact, ServerVerdict } from './impact.ts';
import { judge, type Verdict } from './judge.ts';
import { impactOf } from './online-ddl.ts';
import { isRule, rules, type Severity } from './rules.ts';
import { columnIn, copyOf, type KnownTables, knownFrom } from './schema-state.ts';
import { type ParsedStatement, statementOf } from './statement.ts';

export interface LintOptions {
  /** The tables before the first statement; null where they are not known. */
  readonly tables?: Pick<SchemaModel, 'tables'> | null;
  /** Live sizes, by table; null where there are none. A table that a migration creates is empty. */
  readonly rows?: Readonly<Record<string, number>> | null;
  /** What a server answered, by statement; it is believed. */
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

/** What statements do to the tables, and what there is to say about it. Changes `known`. */
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
        message: verdict.message ?? rule.cause,
        safer: rule.remedy,
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
        const table = known.tables.get(statement.table);
        const fresh = table?.fresh === true && !table.filled;
        const count = rowsOf(statement.table);
        // This migration created the table, so it is empty: no session waits for it, and it has no rows to lose.
        const read = impactOf({ known, table, clauses: statement.clauses, foreignKeyChecks });
        const impact =
          answer !== undefined && 'lock' in answer ? { ...read, ...answer, certain: true } : read;
        impacts.push({ ...impact, statement: index + 1, table: statement.table, rows: count });
        const verdicts = statement.clauses.flatMap((clause) => judge(clause, table, foreignKeyChecks));
        for (const verdict of verdicts) {
          if (count === 0 && verdict.needsRows) continue;
          if (fresh && isChangeOfOwn(verdict)) continue;
          if (isReplaced(verdict, statement.clauses)) continue;
          const softened =
            verdict.rule === 'null-to-not-null' && filledIn.has(`${statement.table}.${verdict.part}`);
          report(verdict, statement.table, impact, softened ? 'info' : undefined);
        }
        const refused = refusal(statement.clauses, impact);
        if (refused !== null)
          report({ rule: 'algorithm-refused', message: refused }, statement.table, impact);
        const waits = count === 0 ? null : waitFor(impact);
        const said = verdicts.some(({ rule }) => rule === 'foreign-key-checked');
        const heavy = count !== null && count >= large;
        if (waits !== null && !(said && waits === 'table-copy' && !heavy)) {
          const sure = impact.certain
            ? {}
            : {
                message:
                  'The old definition is not known here: at worst MySQL copies the whole table while writes wait.',
              };
          report(
            { rule: waits, ...sure },
            statement.table,
            impact,
            heavy ? (waits === 'table-rebuild' ? 'warning' : 'error') : undefined,
          );
        }
        break;
      }
      case 'renameTables':
        for (const { from, to } of statement.renames) {
          const message = `It becomes ${to}: code that is running asks for the old name.`;
          if (known.tables.get(from)?.fresh !== true) report({ rule: 'rename-table', message }, from, null);
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
          { rule: 'drop-object', message: `The ${statement.what} goes, and its definition with it.` },
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
    for (const name of namesBeyond(text)) {
      const message = `MySQL keeps ${name} as ${name.replace(beyond, '?')}, without an error.`;
      report({ rule: 'replaced-character', message }, tableOf(statement), null);
    }
    if (answer !== undefined && 'errno' in answer) {
      const { errno, message } = answer;
      report(
        { rule: 'bound-to-fail', message: `The server refused it (${errno}): ${message}` },
        tableOf(statement),
        null,
      );
    }
    const foreseen = answer === undefined ? failuresOf(statement, known, foreignKeyChecks) : [];
    for (const { errno, table, part, message } of foreseen) {
      const object = part === '' ? {} : { part };
      report(
        { rule: 'bound-to-fail', ...object, message: `MySQL refuses it (${errno}): ${message}` },
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

/** Whether another primary key takes the place of the one that goes. */
function isReplaced({ rule }: Verdict, clauses: readonly AlterClause[]): boolean {
  return rule === 'drop-primary-key' && clauses.some(({ does }) => does === 'addPrimaryKey');
}

/** Whether it only takes back or alters what these statements themselves have made. */
function isChangeOfOwn({ rule }: Verdict): boolean {
  return rule.startsWith('drop-') || rule.startsWith('rename-');
}

function waitFor({
  algorithm,
  lock,
  rebuilds,
}: Impact): 'table-copy' | 'blocks-writes' | 'table-rebuild' | null {
  if (algorithm === 'COPY') return 'table-copy';
  if (lock === 'SHARED') return 'blocks-writes';
  return rebuilds ? 'table-rebuild' : null;
}

const ranks = { INSTANT: 0, INPLACE: 1, COPY: 2 } as const;

/** What is wrong with the ALGORITHM and LOCK that a statement asks for; null where nothing is. */
function refusal(clauses: readonly AlterClause[], impact: Impact): string | null {
  const asked = (what: 'ALGORITHM' | 'LOCK') =>
    clauses.find((clause) => clause.does === 'limits' && clause.what === what) as
      | { value?: string }
      | undefined;
  const [algorithm, lock] = [asked('ALGORITHM')?.value, asked('LOCK')?.value];
  const rank = ranks[algorithm as keyof typeof ranks];
  const offered = `MySQL does it with ALGORITHM=${impact.algorithm}${impact.algorithm === 'INSTANT' ? '' : `, LOCK=${impact.lock}`}`;
  if (impact.certain && rank !== undefined && rank < ranks[impact.algorithm]) {
    return `ALGORITHM=${algorithm} is refused; ${offered}.`;
  }
  const copies = rank === ranks.COPY || impact.lock === 'SHARED';
  return impact.certain && lock === 'NONE' && copies ? `LOCK=NONE is refused; ${offered}.` : null;
}

/** Names are in utf8mb3: https://dev.mysql.com/doc/refman/8.4/en/identifiers.html */
const beyond = /[\u{10000}-\u{10ffff}]/gu;

function namesBeyond(sql: string): string[] {
  const names = codeTokens(sql)
    .filter(isName)
    .map((token) => nameIn(sql, token));
  return [...new Set(names)].filter((name) => name.search(beyond) !== -1);
}

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

/** `lint: allow RULE: why` in a comment of the statement. Without a reason it counts for nothing. */
function exemptionsIn(sql: string): Map<string, string> {
  const found = tokensOf(sql).flatMap(({ kind, text }): [string, string][] => {
    const [, rule = '', why = ''] =
      kind === 'comment' ? (/lint: allow ([\w-]+): (.+)$/.exec(text.replace(/\s*\*\/$/, '')) ?? []) : [];
    return isRule(rule) && why !== '' ? [[rule, why]] : [];
  });
  return new Map(found);
}

/** The tables after statements. */
export function after(statements: readonly string[], known: KnownTables): KnownTables {
  const result = copyOf(known);
  for (const text of statements.flatMap(statementSplitter())) applyToSchema(statementOf(text), result);
  return result;
}
