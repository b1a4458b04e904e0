import type { DriftFinding } from '../drift/finding.ts';
import type { Explanation } from '../errors/explanation.ts';
import type { SourceName } from '../source-name.ts';
import { rowsInWords } from '../util/terminal-text.ts';
import type { StatementFailure } from './apply-migration.ts';
import { describeBlockers } from './blockers.ts';
import { objectsIn } from './breaking-drift.ts';
import type { Loss } from './data-loss.ts';
import type { Holder, Leftover } from './lock.ts';
import type { Direction } from './migration-file.ts';
import type { LintError, MigrationProblem } from './result.ts';
import type { Resumption } from './resume-from.ts';

// The reasons against a migration, in words: the cause, and the next step.

const named = (source: SourceName) => `--source ${source.toLowerCase()}`;

/** Why a plan is refused, in words. */
export function refusal(
  source: SourceName,
  kind: 'EDITED' | 'MISSING' | 'UNKNOWN' | 'UNFINISHED' | 'NO_SUCH',
  names: readonly string[],
  renamed: { readonly from: string; readonly to: string } | null = null,
): MigrationProblem {
  const list = names.join(', ');
  const on = named(source);
  const [first = ''] = names;
  const says = {
    EDITED: [
      `Applied, and its file was edited since: ${list}.`,
      `Restore the file, and make the change in a migration of its own; if the edit is harmless, \`tandem migrate repair ${on} --accept-checksum ${first}\`.`,
    ],
    MISSING: [
      `Applied or begun, and its file is gone: ${list}.`,
      renamed !== null
        ? `${renamed.to} has the same SQL: if the file was renamed, \`tandem migrate repair ${on} --forget ${renamed.from} --applied ${renamed.to}\`. Else bring it back from version control.`
        : `Bring the file back from version control; if it will never come back, \`tandem migrate repair ${on} --forget ${first}\` takes it out of the history, and leaves the tables as they are.`,
    ],
    UNKNOWN: [
      `A newer build probably applied it: ${list}.`,
      `Use that build, or a later one; if no build applied it, \`tandem migrate repair ${on} --forget ${first}\`.`,
    ],
    UNFINISHED: [
      `Begun in the other direction and not finished: ${list}.`,
      `Finish that first: \`tandem migrate up ${on}\` if it was on its way up, else \`down\`; \`tandem migrate status\` shows which.`,
    ],
    NO_SUCH: [
      `There is no such migration, or none is applied there: ${list}.`,
      '`tandem migrate status` lists the names.',
    ],
  } as const;
  const [cause, remedy] = says[kind];
  return { kind, cause, remedy };
}

export const notTried: MigrationProblem = {
  kind: 'NOT_TRIED',
  cause: 'Ready, but unchanged, since the other source is not ready.',
  remedy: 'Mend the other source, or name this one alone with --source.',
};

/** Rows would go, and no flag allows that. */
export function destructiveProblem(losses: readonly Loss[]): MigrationProblem {
  const list = losses.map(({ migration, what, rows }) =>
    rows === 0 ? `${what} (${migration})` : `${what} with ${rowsInWords(rows)} (${migration})`,
  );
  return {
    kind: 'DESTRUCTIVE',
    cause: `Rows would be lost: ${list.join('; ')}.`,
    remedy: 'If you mean it and have a backup, run it again with --allow-destructive.',
    losses,
  };
}

/** The lint expects it to fail, or to block users of the tables, and no flag allows that. */
export function lintErrors(errors: readonly LintError[]): MigrationProblem {
  const list = errors.map(({ rule, object, migration, statement }) => {
    return `${rule} at ${object} (${migration}, statement ${statement})`;
  });
  const flags = [...new Set(errors.map(({ rule }) => `--allow-lint ${rule}`))].join(' ');
  return {
    kind: 'LINT_ERROR',
    cause: `The lint finds errors: ${list.join('; ')}.`,
    remedy: `Mend the migration: docs/lint.md has a safer way for each rule. If you mean it, run it again with ${flags}.`,
    lint: errors,
  };
}

/** Both clouds had the same migrations, and their tables differ. */
export function driftProblem(findings: readonly DriftFinding[]): MigrationProblem {
  return {
    kind: 'DRIFT',
    cause: `Both clouds had the same migrations, and their tables differ: ${objectsIn(findings)}.`,
    remedy:
      '`tandem drift` prints the statements that mend it. If the migrations can run all the same, run it again with --allow-drift.',
    drift: findings,
  };
}

/** Another runner holds the lock. */
export function lockedProblem(holder: Holder | Leftover, seconds: number): MigrationProblem {
  if ('doing' in holder) return leftAtWork(holder, seconds);
  const { connection, account, host, since: begun } = holder;
  const time = begun === null ? '' : `, at a migration since ${begun}`;
  return {
    kind: 'LOCKED',
    cause: `Another runner migrates this database: connection ${connection}, ${account} from ${host}${time}. Waited ${seconds} s.`,
    remedy:
      'Wait until it has finished, or give --lock-timeout more seconds. If its process is gone, the server frees the lock as soon as it has ended the statement.',
    holder,
  };
}

/** The statements that ran are not those of its file any more. */
function changed(source: SourceName, name: string, done: number): MigrationProblem {
  const on = named(source);
  return {
    kind: 'CHANGED',
    cause: `${name} stopped after ${done} statements, and its file has others there now.`,
    remedy: `Restore the statements that have run, and change only those after them; or undo them by hand and run \`tandem migrate repair ${on} --forget ${name}\`.`,
  };
}

/** A dead runner left a statement that the server still runs, or that the account may not end. */
function leftAtWork({ connection, doing }: Leftover, seconds: number): MigrationProblem {
  return {
    kind: 'LOCKED',
    cause: `A dead runner left a statement that the server still runs: connection ${connection}, ${doing}. Waited ${seconds} s.`,
    remedy: `Wait until it has finished, or give --lock-timeout more seconds; \`KILL ${connection}\` ends it, and MySQL takes back what it has done.`,
  };
}

/** The runner cannot know where an attempt goes on. */
export function stopped(
  source: SourceName,
  name: string,
  direction: Direction,
  why: Exclude<Resumption, { readonly from: number }>,
): MigrationProblem {
  if ('changed' in why) return changed(source, name, why.changed);
  const on = named(source);
  const again = `\`tandem migrate ${direction} ${on}\``;
  if ('lost' in why) {
    return {
      kind: 'UNCERTAIN',
      cause: `${name} stopped after ${why.done} statements, and what follows needs ${why.lost}, which is gone with its session.`,
      remedy: `Finish it by hand and run \`tandem migrate repair ${on} ${direction === 'up' ? '--applied' : '--forget'} ${name}\`; or undo by hand what has run, run \`tandem migrate repair ${on} ${direction === 'up' ? '--forget' : '--applied'} ${name}\`, and ${again} begins anew.`,
    };
  }
  const { unknown, of, what } = why;
  return {
    kind: 'UNCERTAIN',
    cause: `${name} stopped at statement ${unknown} of ${of} (${what}): its answer was lost, and nothing in the database shows whether it took place.`,
    remedy: `Look at what it should have changed. Then \`tandem migrate repair ${on} --statement-applied ${name}\` or \`--statement-not-applied ${name}\`, and ${again} goes on.`,
  };
}

/** A statement failed, or was lost with its connection. */
export function failed(
  source: SourceName,
  name: string,
  direction: Direction,
  { cause: _, blockers, ...failure }: StatementFailure,
  why: 'lost' | Explanation | null,
): MigrationProblem {
  const { statement, of, what, error } = failure;
  const where = `${name}, statement ${statement} of ${of} (${what})`;
  const again = `\`tandem migrate ${direction} ${named(source)}\``;
  if (why === 'lost') {
    const cause = `The connection was lost at ${where}: ${error}.`;
    const remedy = `When the server answers again, ${again} finds out whether that statement took place, and goes on.`;
    return { kind: 'CONNECTION_LOST', cause, remedy, failure };
  }
  if (blockers !== null) {
    const cause = `Stopped at ${where}: ${error}. ${describeBlockers(blockers)}. ${doneBefore(statement)}`;
    const remedy = `Let that session finish, or end it (KILL and its number, as the administrator); then ${again} goes on with statement ${statement}. --table-lock-timeout waits for longer.`;
    return { kind: 'BLOCKED', cause, remedy, failure, blockers: blockers.sessions };
  }
  if (why !== null) {
    const cause = `Stopped at ${where}: ${error}. ${why.cause}. ${doneBefore(statement)}`;
    return {
      kind: 'FAILED',
      cause,
      remedy: `${why.remedy} Then ${again} goes on with statement ${statement}.`,
      failure,
    };
  }
  return {
    kind: 'FAILED',
    cause: `Stopped at ${where}: ${error}. ${doneBefore(statement)}`,
    remedy: `Mend that statement in the file, or its obstacle in the database, and run ${again}: it goes on with statement ${statement}.`,
    failure,
  };
}

function doneBefore(statement: number): string {
  if (statement === 1) return 'None of its statements took effect.';
  return statement === 2
    ? 'The one before it is done and stays.'
    : `The ${statement - 1} before it are done and stay.`;
}

/** Everything ran, and the tables differ from the entities. */
export function notVerified(source: SourceName, findings: readonly DriftFinding[]): MigrationProblem {
  return {
    kind: 'NOT_VERIFIED',
    cause: `All migrations are applied, and the tables differ from the entities: ${objectsIn(findings)}.`,
    remedy: `The tables were changed by hand, or an entity has no migration yet: \`tandem drift ${named(source)}\` prints the statements that mend it.`,
  };
}

/** `repair` or `baseline` got a name that no migration has, or one in another state. */
export function noSuch(cause: string): MigrationProblem {
  return { kind: 'NO_SUCH', cause, remedy: '`tandem migrate status` lists the names and their states.' };
}

/** `baseline` is for a database that was never migrated. */
export function hasHistory(count: number): MigrationProblem {
  return {
    kind: 'NOT_BASELINE',
    cause: `The database has a history of ${count}.`,
    remedy: 'There is nothing to do: `tandem migrate status`.',
  };
}

/** `up` would make tables that are there already. */
export function needsBaseline(source: SourceName, tables: readonly string[]): MigrationProblem {
  return {
    kind: 'NEEDS_BASELINE',
    cause: `The database has no history, and tables that the migrations make are there already: ${tables.join(', ')}.`,
    remedy: `If the migrations made them, \`tandem migrate baseline ${named(source)}\` records the migrations as applied, with --to only up to the one named. Else name an empty database.`,
  };
}

/** `baseline` would record migrations as applied that were not. */
export function otherTables(findings: readonly DriftFinding[]): MigrationProblem {
  return {
    kind: 'NOT_BASELINE',
    cause: `The tables are not those of the migrations: ${objectsIn(findings)}.`,
    remedy:
      'If they are those of an earlier version, name its last migration with --to; an empty database needs `tandem migrate up`.',
  };
}
