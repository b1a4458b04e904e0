import type { MikroORM } from '@mikro-orm/mysql';
import type { ErrorCode } from '../errors/catalogue.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { Asking } from '../information-schema/asking.ts';
import type { SourceName } from '../source-name.ts';
import { compareSources, compareWithEntities } from './drift.ts';
import type { Comparison, Verification } from './finding.ts';
import { type Observed, observe } from './observe.ts';
import { verifyPlan } from './verify-plan.ts';

/** Which findings fail: every one, or only those that could break something. */
export type FailOn = 'any' | 'breaking';

/** All comparisons that could be made. */
export interface DriftReport {
  readonly comparisons: readonly Comparison[];
  readonly unreachable: readonly Unreachable[];
  readonly failOn: FailOn;
  readonly exitCode: (typeof exitCodes)[keyof typeof exitCodes];
}

/** A source that did not answer: what it has is in no comparison. */
export interface Unreachable {
  readonly source: SourceName;
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
}

/** 1 is left to what fails before anything is compared, such as a missing setting. */
export const exitCodes = { NO_DRIFT: 0, DRIFT: 2, UNREACHABLE: 3 } as const;

/** One source as the report asks it. */
export interface Asked {
  readonly source: SourceName;
  readonly orm: Pick<MikroORM, 'getMetadata' | 'em' | 'config'>;
  /** Lends an entity manager; throws a TandemError where the source does not answer. */
  read<T>(work: (em: Asking) => Promise<T>): Promise<T>;
  /** Lends one session on the scratch database of its server; null where the settings name none. */
  readonly inScratch: (<T>(work: (em: Asking) => Promise<T>) => Promise<T>) | null;
}

interface Answer {
  readonly asked: Asked;
  readonly observed: Observed;
}

/** Asks the sources, both at once, and makes every comparison for which there are answers. */
export async function reportDrift(
  asked: readonly Asked[],
  { failOn = 'any' }: { readonly failOn?: FailOn } = {},
): Promise<DriftReport> {
  const answers = await Promise.all(
    asked.map(async (one): Promise<Answer | Unreachable> => {
      const { source, read } = one;
      try {
        return { asked: one, observed: await read((em) => observe(source, em)) };
      } catch (error) {
        if (!(error instanceof TandemError)) throw error;
        const { code, message, extensions } = error;
        return { source, code, message, remedy: extensions.remedy };
      }
    }),
  );
  const there = answers.flatMap((answer) => ('observed' in answer ? [answer] : []));
  const unreachable = answers.flatMap((answer) => ('observed' in answer ? [] : [answer]));
  const [first, second] = there;
  const comparisons: Comparison[] = [];
  if (first && second)
    comparisons.push(await tried(second, (observed) => compareSources(first.observed, observed)));
  // One after another: what both try on a source, they try in the same scratch database.
  for (const answer of there)
    comparisons.push(await tried(answer, (observed) => compareWithEntities(answer.asked.orm, observed)));
  const counted = comparisons.flatMap(({ findings }) => findings).filter((found) => counts(found, failOn));
  const { NO_DRIFT, DRIFT, UNREACHABLE } = exitCodes;
  const exitCode = unreachable.length > 0 ? UNREACHABLE : counted.length > 0 ? DRIFT : NO_DRIFT;
  return { comparisons, unreachable, failOn, exitCode };
}

/** A comparison of a source, with its plan tried where the settings say where. */
async function tried(
  { asked: { inScratch }, observed }: Answer,
  compare: (observed: Observed) => Promise<Comparison> | Comparison,
): Promise<Comparison> {
  const comparison = await compare(observed);
  const { plan } = comparison;
  if (inScratch === null || plan.statements.length === 0) return comparison;
  const verification = await inScratch((em) => verifyPlan(em, { observed, plan, again: compare })).catch(
    (error): Verification => {
      if (!(error instanceof TandemError)) throw error;
      return { state: 'NOT_VERIFIED', detail: `the scratch database does not answer, ${error.code}` };
    },
  );
  return { ...comparison, plan: { ...plan, verification } };
}

/** Whether a finding fails the report. */
export function counts({ breaking }: { readonly breaking: boolean }, failOn: FailOn): boolean {
  return breaking || failOn === 'any';
}
