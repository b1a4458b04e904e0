import { type ProblemSubject, problem } from '../problem.ts';
import type { StepResult } from '../step.ts';
import type { LoginSession } from './login.ts';

/** Seconds by which two clocks may differ without a warning. */
const CLOCK_TOLERANCE_S = 2;

/** Compares the server's clock with this machine's, less half of the time that asking took. */
export async function checkClock(subject: ProblemSubject, session: LoginSession): Promise<StepResult<true>> {
  const before = Date.now();
  const [row] = await session.rows<{ now: string }>('select cast(unix_timestamp(now(3)) as char) as now');
  const here = (before + Date.now()) / 2;
  const seconds = (Number(row?.now) * 1000 - here) / 1000;
  const apart =
    Math.abs(seconds) < 0.05
      ? 'in step'
      : `${Math.abs(seconds).toFixed(1)} s ${seconds > 0 ? 'ahead' : 'behind'}`;
  const problems =
    Math.abs(seconds) > CLOCK_TOLERANCE_S
      ? [problem(subject, 'CLOCK_OFF', `The server’s clock is ${apart} of this machine’s.`, 'warning')]
      : [];
  return { detail: apart, problems, value: true };
}
