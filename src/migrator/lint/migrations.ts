import type { LintFinding } from './finding.ts';
import { after, LARGE, type LintOptions, type StatementImpact, walk } from './lint.ts';
import { type RuleId, rules } from './rules.ts';
import { copyOf, type KnownIndex, type KnownTables, knownFrom } from './schema-state.ts';

/** A migration as its statements. */
export interface MigrationSql {
  readonly name: string;
  /** Null where the lint cannot know them before the migrations in front of it have run. */
  readonly up: readonly string[] | null;
  /** Null where the file has no `down`; absent where no command needs it, or the lint cannot know it. */
  readonly down?: readonly string[] | null | undefined;
}

/** The findings about a migration, and how MySQL will carry out its ALTER TABLEs. */
export interface MigrationFindings {
  readonly name: string;
  readonly findings: readonly LintFinding[];
  readonly impacts: readonly StatementImpact[];
}

/**
 * Judges migrations in their order. `tables` is the database before the first of them: by default an empty one, for
 * whole folders in CI; in pre-flight the live model, with `rows`, and the pending ones.
 */
export function lintMigrations(
  migrations: readonly MigrationSql[],
  { tables = { tables: [] }, rows = null, verdicts = null, large = LARGE }: LintOptions = {},
): MigrationFindings[] {
  const known = knownFrom(tables);
  return migrations.map(({ name, up, down }) => {
    // Without live sizes, what an earlier migration made may have been filled by now.
    if (rows === null) for (const table of known.tables.values()) table.fresh = false;
    if (up === null) {
      const cause = 'It reads tables that earlier migrations have yet to create: the lint did not check it.';
      return { name, findings: [ofMigration('not-understood', name, cause)], impacts: [] };
    }
    const before = copyOf(known);
    const { findings, impacts } = walk(up, known, { rows, verdicts, large });
    return {
      name,
      findings: [...findings, ...(down === undefined ? [] : judgeDown(down, before, known))],
      impacts,
    };
  });
}

function judgeDown(down: readonly string[] | null, before: KnownTables, upped: KnownTables): LintFinding[] {
  const finding = (object: string, cause: string) => ofMigration('irreversible-down', object, cause);
  if (down === null) return [finding('down', 'There is no `down`: the migration cannot be taken back.')];
  return differences(before, after(down, upped)).map(([object, what]) =>
    finding(object, `After up and down ${what}.`),
  );
}

/** A finding about a migration as a whole. */
function ofMigration(rule: RuleId, object: string, cause: string): LintFinding {
  const { severity, remedy } = rules[rule];
  return {
    rule,
    severity,
    destructive: false,
    statement: 0,
    object,
    cause,
    remedy,
    rows: null,
    algorithm: null,
    lock: null,
    exempt: null,
  };
}

/** Where two states differ, as [object, sentence]. */
function differences(before: KnownTables, back: KnownTables): [string, string][] {
  const names = new Set([...before.tables.keys(), ...back.tables.keys()]);
  return [...names].flatMap((name): [string, string][] => {
    const [was, is] = [before.tables.get(name), back.tables.get(name)];
    if (was === undefined) return [[name, 'the table is left behind']];
    if (is === undefined) return [[name, 'the table is missing']];
    return [
      ...compare(name, was.columns, is.columns, 'column', describeColumn),
      ...compare(name, was.indexes, is.indexes, 'index', describeIndex),
      ...compare(name, was.foreignKeys, is.foreignKeys, 'foreign key', ({ references }) => references.table),
      ...compare(name, was.checks, is.checks, 'check', ({ name }) => name.toLowerCase()),
    ];
  });
}

function compare<T>(
  table: string,
  was: ReadonlyMap<string, T>,
  is: ReadonlyMap<string, T>,
  what: string,
  describe: (value: T) => string,
): [string, string][] {
  const names = new Set([...was.keys(), ...is.keys()]);
  return [...names].flatMap((name): [string, string][] => {
    const [a, b] = [was.get(name), is.get(name)];
    const object = `${table}.${name}`;
    if (a === undefined) return [[object, `the ${what} is left behind`]];
    if (b === undefined) return [[object, `the ${what} is missing`]];
    const [from, to] = [describe(a), describe(b)];
    return from === to ? [] : [[object, `the ${what} is ${to}, and was ${from}`]];
  });
}

function describeColumn({ type, nullable }: { readonly type: string; readonly nullable: boolean }): string {
  return `${type.toLowerCase()}${nullable ? '' : ' not null'}`;
}

/** MySQL spells expressions in its own way, so those are not compared. */
function describeIndex({ columns }: KnownIndex): string {
  return columns.map((part) => (part.startsWith('(') ? '(…)' : part.toLowerCase())).join(',');
}
