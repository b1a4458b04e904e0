import { parseGrants, rightsOn } from '../../information-schema/grants.ts';
import { quoteName } from '../../sql/quote.ts';
import { type ProblemSubject, problem } from '../problem.ts';
import type { StepResult } from '../step.ts';
import type { LoginSession } from './login.ts';

const DML = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];
const DDL = ['CREATE', 'ALTER', 'DROP', 'INDEX', 'REFERENCES'];

/** The privileges that an account must have, and those that it may have besides without a warning. */
export const roles = {
  runtime: { needed: DML, harmless: ['SHOW VIEW', 'EXECUTE'] },
  migrator: {
    needed: [...DML, ...DDL],
    harmless: ['TRIGGER', 'CREATE VIEW', 'SHOW VIEW', 'CREATE TEMPORARY TABLES', 'LOCK TABLES', 'EXECUTE'],
  },
} as const;

/** Compares what an account is granted with what it needs on the database. */
export async function checkPrivileges(
  subject: ProblemSubject,
  session: Pick<LoginSession, 'rows'>,
  {
    role,
    user,
    tables,
  }: {
    readonly role: keyof typeof roles;
    readonly user: string;
    /** The tables that a grant on single tables must name. */
    readonly tables: readonly string[];
  },
): Promise<StepResult<true>> {
  const schema = subject.database.name;
  const lines = (await session.rows<Record<string, string>>('show grants')).map(
    (row) => Object.values(row)[0] ?? '',
  );
  const { needed } = roles[role];
  const { missing, beyond } = rightsOn(parseGrants(lines), { schema, tables, ...roles[role] });
  const problems = [];
  if (missing.length > 0) {
    const grant = `GRANT ${missing.join(', ')} ON ${quoteName(schema)}.* TO the account`;
    problems.push(
      problem(subject, 'PRIVILEGE_MISSING', `${user} may not ${missing.join(', ')} on ${schema}: ${grant}.`),
    );
  }
  if (beyond.length > 0) {
    const detail = `${user} may do more than it needs: ${beyond.join('; ')}.`;
    problems.push(problem(subject, 'PRIVILEGES_TOO_MANY', detail, 'warning'));
  }
  const held = needed.filter((privilege) => !missing.includes(privilege));
  return { detail: `${user}: ${held.join(', ') || 'none that is needed'}`, problems, value: true };
}
