import { historyOf, levelOf, migrationsOf } from '../../information-schema/schema-version.ts';
import { type ProblemSubject, problem } from '../problem.ts';
import type { Problem } from '../report.ts';
import type { StepResult } from '../step.ts';
import type { LoginSession } from './login.ts';

/** Compares the migrations that ran with those of this build, and looks whether the tables are there. */
export async function checkSchema(
  subject: ProblemSubject,
  session: LoginSession,
  tables: readonly string[],
): Promise<StepResult<true>> {
  const known = await migrationsOf(subject.name);
  const applied = await historyOf((sql) => session.rows(sql));
  const { missing, unknown } = levelOf(applied, known);
  const problems: Problem[] = [];
  if (missing.length > 0) {
    const which = applied.length === 0 ? 'No migration has run yet; missing' : 'Not yet run';
    problems.push(problem(subject, 'SCHEMA_OUTDATED', `${which}: ${missing.join(', ')}.`));
  }
  if (unknown.length > 0) {
    const detail = `This build does not know what ran there: ${unknown.join(', ')}.`;
    // Beside missing ones it is a fork, not a newer build: still wrong, but not first of all.
    problems.push(problem(subject, 'SCHEMA_NEWER', detail));
  }
  if (missing.length === 0) {
    const there = await session.rows<{ name: string }>(
      'select lower(table_name) as name from information_schema.tables where table_schema = database()',
    );
    const absent = tables.filter((table) => !there.some(({ name }) => name === table.toLowerCase()));
    if (absent.length > 0) {
      const detail = `The history is complete, but there is no table ${absent.join(', ')}.`;
      problems.push(problem(subject, 'TABLES_MISSING', detail));
    }
  }
  return {
    detail: `${applied.length} migrations run, ${known.length} in this build; last ${applied.at(-1) ?? 'none'}`,
    problems,
    value: true,
  };
}
