import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { within } from '../../util/within.ts';
import { connectionProblemOf, type ProblemSubject, reasonProblem } from '../problem.ts';
import type { StepResult } from '../step.ts';

/** Looks the host up as the driver does, through the system's resolver: /etc/hosts counts. */
export async function lookUp(
  subject: ProblemSubject,
  timeoutMs: number,
): Promise<StepResult<LookupAddress[]>> {
  const { host } = subject.database;
  const family = isIP(host);
  if (family !== 0) return { detail: `${host} is an address`, value: [{ address: host, family }] };
  try {
    const addresses = await within(timeoutMs, lookup(host, { all: true }), null);
    if (addresses !== null) {
      return { detail: addresses.map(({ address }) => address).join(', '), value: addresses };
    }
    const late = reasonProblem(subject, 'DNS_UNAVAILABLE', host, `no answer in ${timeoutMs} ms`);
    return { detail: 'no answer', problems: [late] };
  } catch (error) {
    return {
      detail: 'failed',
      problems: [connectionProblemOf(subject, error as NodeJS.ErrnoException, host)],
    };
  }
}
