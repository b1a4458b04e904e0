import { judgeTrailRights, quoteAccount, type TrailRole } from '../../audit/rights.ts';
import { trailCollation, trailColumns } from '../../audit/tables.ts';
import { auditTables } from '../../information-schema/own-tables.ts';
import { quoteName, quoteText } from '../../sql/quote.ts';
import { type ProblemSubject, problem } from '../problem.ts';
import type { Problem } from '../report.ts';
import type { StepResult } from '../step.ts';
import { type LoginSession, logIn } from './login.ts';

/** An account that is logged in. */
interface Holder {
  readonly user: string;
  readonly session: LoginSession;
}

/**
 * Looks at the audit trail: whether its tables are what the server and the sealer take them for, whether the server's account may add to it and do
 * no more, and the auditor's read it and add seals. Where another account can read what is not committed, it adds a row, reads it there,
 * and rolls it back.
 *
 * @param trail the database of the trail; absent: there is none
 */
export async function checkAuditTrail(
  subject: ProblemSubject,
  session: LoginSession,
  { trail, timeoutMs }: { readonly trail: string | undefined; readonly timeoutMs: number },
): Promise<StepResult<true>> {
  if (trail === undefined) return { detail: 'none is kept (AUDIT_DATABASE)', value: true };
  const { runtime, migrator, auditor } = subject.database;
  const server = { user: runtime.user, session };
  const problems: Problem[] = [];
  const others: Holder[] = [];
  // Every account may log in to this one.
  const anywhere = { ...subject, database: { ...subject.database, name: 'information_schema' } };
  try {
    for (const account of [auditor, migrator]) {
      if (account === undefined || [runtime.user, ...others.map(({ user }) => user)].includes(account.user))
        continue;
      const login = await logIn(anywhere, account, timeoutMs);
      if (login.value !== undefined) others.push({ user: account.user, session: login.value });
      else if (account === auditor) problems.push(...(login.problems ?? []));
    }
    problems.push(...(await checkRights(subject, server, 'server', trail)));
    const mayRead = others.length > 0 && problems.every(({ kind }) => kind.startsWith('AUDIT_'));
    const reader = others.find(({ user }) => user === auditor?.user);
    if (reader !== undefined) problems.push(...(await checkRights(subject, reader, 'auditor', trail)));
    // The server's account does not see the seals.
    const seen = Object.keys(trailColumns).filter((table) => table === auditTables.writes || mayRead);
    const unfit = await checkTables(subject, [server, ...others], { trail, tables: seen });
    problems.push(...unfit);
    if (unfit.length === 0) problems.push(...(await tryIt(subject, server, others, trail)));
  } finally {
    for (const holder of others) holder.session.close();
  }
  const own =
    auditor === undefined
      ? `no account of its own is set (${subject.name}_DB_AUDITOR_USER)`
      : `read by ${auditor.user}`;
  return { detail: `${trail}, written by ${runtime.user}, ${own}`, problems, value: true };
}

async function checkRights(
  subject: ProblemSubject,
  { user, session }: Holder,
  role: TrailRole,
  trail: string,
): Promise<Problem[]> {
  const lines = (await session.rows<Record<string, string>>('show grants')).map(
    (row) => Object.values(row)[0] ?? '',
  );
  const [{ account = '' } = {}] = await session.rows<{ account: string }>('select current_user() as account');
  const { missing, beyond, grants, revokes } = judgeTrailRights(lines, {
    role,
    account: quoteAccount(account),
    database: trail,
    rows: subject.database.name,
  });
  const run = (statements: readonly string[]) => statements.map((statement) => `${statement};`).join(' ');
  return [
    ...(missing.length > 0
      ? [problem(subject, 'AUDIT_PRIVILEGE_MISSING', `${user} lacks ${missing.join(', ')}: ${run(grants)}`)]
      : []),
    ...(beyond.length > 0
      ? [
          problem(
            subject,
            'AUDIT_PRIVILEGES_TOO_MANY',
            `${user} may do more to the audit trail than it needs: ${beyond.join('; ')}: ${run(revokes)}`,
            'warning',
          ),
        ]
      : []),
  ];
}

/** The tables as any of the accounts sees them. An account without a privilege on a table does not see it. */
async function checkTables(
  subject: ProblemSubject,
  holders: readonly Holder[],
  { trail, tables: names }: { readonly trail: string; readonly tables: readonly string[] },
): Promise<Problem[]> {
  const seen = async <R extends { readonly name: string }>(sql: string): Promise<readonly R[]> => {
    const rows: R[] = [];
    for (const { session } of holders) {
      const found = await session.rows<R>(sql);
      const known = new Set(rows.map((row) => JSON.stringify(row)));
      rows.push(...found.filter((row) => !known.has(JSON.stringify(row))));
    }
    return rows;
  };
  const of = (column: string, tableColumn: string) =>
    `${column} = ${quoteText(trail)} and ${tableColumn} in (${Object.keys(trailColumns)
      .map((name) => quoteText(name))
      .join(', ')})`;
  const tables = await seen<{ name: string; engine: string | null; type: string }>(
    `select table_name as name, engine as engine, table_type as type from information_schema.tables where ${of('table_schema', 'table_name')}`,
  );
  const columns = await seen<{
    name: string;
    tableName: string;
    type: string;
    nullable: string;
    collation: string | null;
    extra: string;
  }>(
    `select column_name as name, table_name as tableName, column_type as type, is_nullable as nullable, collation_name as collation, extra as extra
     from information_schema.columns where ${of('table_schema', 'table_name')} order by table_name, ordinal_position`,
  );
  const triggers = await seen<{ name: string; tableName: string }>(
    `select trigger_name as name, event_object_table as tableName from information_schema.triggers where ${of('event_object_schema', 'event_object_table')}`,
  );
  const unfit = (detail: string) => problem(subject, 'AUDIT_TABLE_UNFIT', `${trail}: ${detail}`);
  return names.flatMap((name): Problem[] => {
    const expected = trailColumns[name] ?? [];
    const table = tables.find((each) => each.name === name);
    if (table === undefined) {
      return [
        problem(
          subject,
          'AUDIT_NOT_INSTALLED',
          `${trail} has no table ${name}, or none that these accounts see.`,
        ),
      ];
    }
    if (table.type !== 'BASE TABLE') return [unfit(`${name} is a ${table.type}.`)];
    const problems: Problem[] = [];
    if (table.engine?.toLowerCase() !== 'innodb') {
      problems.push(
        unfit(`the engine of ${name} is ${table.engine}: a row stays there when its change is rolled back.`),
      );
    }
    for (const trigger of triggers.filter(({ tableName }) => tableName === name)) {
      problems.push(unfit(`the trigger ${trigger.name} on ${name} can change what is recorded.`));
    }
    const own = columns.filter(({ tableName }) => tableName === name);
    const differing = expected.filter((column) => {
      const there = own.find((each) => each.name === column.name);
      const isText = /char|text/.test(column.type);
      return (
        there === undefined ||
        there.type !== column.type ||
        (there.nullable === 'YES') !== (column.isNullable === true) ||
        (isText && there.collation !== trailCollation) ||
        /generated|on update/i.test(there.extra)
      );
    });
    if (differing.length > 0) {
      problems.push(
        unfit(
          `${name} has other columns than Tandem makes: ${differing.map((column) => column.name).join(', ')}.`,
        ),
      );
    }
    return problems;
  });
}

/** The row that the probe adds; no row of a request is like it. */
const probe = {
  written_at: '2000-01-01 00:00:00.123456',
  request_id: 'tandem preflight',
  subject: 'ä🙂 ',
  role: 'preflight',
  operation: 'update',
  table_name: 'preflight',
  row_count: '1',
  row_keys: '[1]',
  column_names: '["a"]',
} as const;

/** Adds a row, reads it by another account before it is committed, and rolls it back. */
async function tryIt(
  subject: ProblemSubject,
  { user, session }: Holder,
  others: readonly Holder[],
  trail: string,
): Promise<Problem[]> {
  const table = `${quoteName(trail)}.${quoteName(auditTables.writes)}`;
  const given = { ...probe, source: subject.name };
  const names = Object.keys(given);
  try {
    await session.rows('begin');
    await session.rows(
      `insert into ${table} (${names.join(', ')}) values (${Object.values(given)
        .map((value) => quoteText(value))
        .join(', ')})`,
    );
    const [{ id = '' } = {}] = await session.rows<{ id: string }>(
      'select cast(last_insert_id() as char) as id',
    );
    for (const other of others) {
      await other.session.rows('set session transaction isolation level read uncommitted');
      const texts = names.map((name) => `cast(${name} as char) as ${name}`).join(', ');
      const found = await other.session
        .rows<Record<string, string>>(`select ${texts} from ${table} where id = ${quoteText(id)}`)
        // It may not read there.
        .catch(() => null);
      if (found === null) continue;
      const changed = names.filter((name) => found[0]?.[name] !== given[name as keyof typeof given]);
      if (changed.length === 0) return [];
      const detail = `${trail}: a row that ${user} adds to ${auditTables.writes} is there with other values in ${changed.join(', ')}.`;
      return [problem(subject, 'AUDIT_TABLE_UNFIT', detail)];
    }
    return [];
  } catch (error) {
    const { errno } = error as { readonly errno?: number };
    if (errno === undefined) throw error;
    // checkRights has found that.
    if (errno === 1142) return [];
    return [
      problem(
        subject,
        'AUDIT_NOT_WRITABLE',
        `${user} cannot add to ${trail}.${auditTables.writes} (${errno}).`,
      ),
    ];
  } finally {
    await session.rows('rollback').catch(() => {});
  }
}
