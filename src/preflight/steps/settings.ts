import { supportProblem } from '../end-of-support.ts';
import { type ProblemSubject, problem } from '../problem.ts';
import { differences, replicationState, type ServerSettings, serverSettingsOf } from '../server-settings.ts';
import type { StepResult } from '../step.ts';
import type { LoginSession } from './login.ts';

/** Settings of the servers that have answered, by the source's name. */
export type SettingsSoFar = Map<string, ServerSettings>;

/** Compares the server's settings with those of the other one, if that has answered before: neither waits for the other. */
export async function checkSettings(
  subject: ProblemSubject,
  session: LoginSession,
  others: SettingsSoFar,
): Promise<StepResult<true>> {
  const own = await serverSettingsOf(session);
  const found = [...others].flatMap((other) => differences([subject.name, own], other));
  const compared =
    others.size === 0 ? 'read' : found.length === 0 ? 'as on the other source' : `${found.length} differ`;
  others.set(subject.name, own);
  const support = supportProblem(own.version ?? '', new Date());
  return {
    detail: `${compared}; sql_mode ${own.sql_mode || 'empty'}, time_zone ${own.time_zone}; ${replicationState(own)}`,
    problems: [
      ...found.map((detail) => problem(subject, 'SETTINGS_DIFFER', detail, 'warning')),
      ...(support === undefined ? [] : [problem(subject, 'SUPPORT_ENDS', support, 'warning')]),
    ],
    value: true,
  };
}
