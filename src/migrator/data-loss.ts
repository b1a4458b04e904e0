import { isTableOrColumnMissing } from '../errors/missing-table.ts';
import { readSchema } from '../information-schema/read-schema.ts';
import { quoteName } from '../sql/quote.ts';
import { destructiveFindings, type LintFinding } from './lint/finding.ts';
import { lintMigrations } from './lint/migrations.ts';
import type { RuleId } from './lint/rules.ts';
import type { Direction } from './migration-file.ts';
import type { OpenTarget } from './open-target.ts';

/** Data that a statement takes away for good. */
export interface Loss {
  readonly migration: string;
  /** Such as: drop table `patients`. */
  readonly what: string;
  readonly table: string;
  /** 0 for what holds none, such as a view. */
  readonly rows: number;
}

interface Run {
  readonly name: string;
  /** Null where the runner cannot know them yet. */
  readonly statements: readonly string[] | null;
}

/**
 * The data that would go, by the lint's destructive rules: of a table its rows, of a column the rows that have a value in it.
 * Empty ones are no loss, and neither is a view that `down` drops, since `up` makes it again.
 */
export async function lossesOf(
  { session, orm }: Pick<OpenTarget, 'session' | 'orm'>,
  runs: readonly Run[],
  direction: Direction,
): Promise<Loss[]> {
  const migrations = runs.map(({ name, statements }) => ({ name, up: statements }));
  // Without the tables the lint suspects more than there is: where it suspects nothing, the runner need not read the catalogue.
  if (
    lintMigrations(migrations, { tables: null }).every(
      ({ findings }) => destructiveFindings(findings).length === 0,
    )
  ) {
    return [];
  }
  const losses: Loss[] = [];
  for (const { name, findings } of lintMigrations(migrations, { tables: await readSchema(orm.em) })) {
    for (const finding of destructiveFindings(findings)) {
      const { rule, object } = finding;
      const [table = '', column] = object.split('.');
      const what = `${verbs[rule] ?? rule} ${[table, column].flatMap((name) => (name ? quoteName(name) : [])).join('.')}`;
      if (rule === 'drop-object' || rule === 'drop-schema') {
        if (direction === 'up') losses.push({ migration: name, what, table, rows: 0 });
        continue;
      }
      const rows = await count(session, table, column);
      if (rows > 0) losses.push({ migration: name, what, table, rows });
    }
  }
  return losses;
}

const verbs: Partial<Record<RuleId, string>> = {
  'drop-table': 'drop table',
  'drop-column': 'drop column',
  'drop-schema': 'drop database',
  'drop-partition': 'drop a partition of',
  'drop-object': 'drop',
  truncate: 'truncate',
  'delete-all': 'delete all of',
  narrowing: 'narrow',
} satisfies Partial<Record<LintFinding['rule'], string>>;

async function count(session: OpenTarget['session'], table: string, column?: string): Promise<number> {
  const of = column === undefined ? '*' : quoteName(column);
  const [row] = await session
    .query<{ rows: number }>(`select count(${of}) as \`rows\` from ${quoteName(table)}`)
    .catch((error: unknown) => {
      // Not there yet, or not any more.
      if (isTableOrColumnMissing(error)) return [];
      throw error;
    });
  return Number(row?.rows ?? 0);
}
