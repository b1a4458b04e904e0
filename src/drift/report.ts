import type { MikroORM } from '@mikro-orm/mysql';
import { exitCodes } from '../errors/exit-codes.ts';
import { explanationLine } from '../errors/explanation.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { type UnreachableSource, unreachableSource } from '../errors/unreachable-source.ts';
import type { CatalogueConnection } from '../information-schema/catalogue-connection.ts';
import { fitting, noneCalled } from '../information-schema/name-pattern.ts';
import type { SourceName } from '../source-name.ts';
import { type ComparisonScope, NothingToCompare, type Part, parts } from './comparison-scope.ts';
import { tableNamesOf } from './declared-schema.ts';
import { compareSources, compareWithEntities } from './drift.ts';
import type { Comparison, Verification } from './finding.ts';
import { renderingOn } from './render-tables.ts';
import { type SchemaSnapshot, takeSnapshot } from './snapshot.ts';
import { verifyPlan } from './verify-plan.ts';

/** Which findings fail: every one, or only those that could break something. */
export type FailOn = 'any' | 'breaking';

/** Which of all comparisons to make. */
export interface Wanted {
  readonly only?: readonly Part[];
  /** Names of tables and views, in which `*` stands for any characters. Without it also routines and events. */
  readonly tables?: readonly string[];
}

/** All comparisons whose sources answered. */
export interface DriftReport {
  readonly comparisons: readonly Comparison[];
  readonly unreachable: readonly UnreachableSource[];
  readonly failOn: FailOn;
  readonly exitCode: (typeof exitCodes.drift)[keyof typeof exitCodes.drift];
}

/** One source as the report asks it. */
export interface Asked {
  readonly source: SourceName;
  readonly orm: Pick<MikroORM, 'getMetadata' | 'em' | 'config'>;
  /** Names of tables that drift leaves out. */
  readonly ignored: readonly string[];
  /** Lends an entity manager; throws a TandemError where the source does not answer. */
  read<T>(work: (em: CatalogueConnection) => Promise<T>): Promise<T>;
  /** Lends one session on the scratch database of its server; null where the settings name none. */
  readonly inScratch: Lend | null;
  /** Lends one on an empty database elsewhere, where the settings name none. */
  readonly elsewhere?: (observed: SchemaSnapshot) => Promise<Elsewhere>;
}

type Lend = <T>(work: (em: CatalogueConnection) => Promise<T>) => Promise<T>;

/** A server that can stand in for a source's; or why there is none, null where nothing is to be said of it. */
export type Elsewhere = { readonly server: string; readonly lend: Lend } | { readonly why: string | null };

interface Answer {
  readonly asked: Asked;
  readonly observed: SchemaSnapshot;
}

/**
 * Asks the sources, both at once, and makes every requested comparison for which there are answers.
 *
 * @throws NothingToCompare if no table has a given name
 */
export async function reportDrift(
  asked: readonly Asked[],
  { failOn = 'any', ...wanted }: { readonly failOn?: FailOn } & Wanted = {},
): Promise<DriftReport> {
  const only = new Set(wanted.only ?? parts);
  if (asked.length < 2 && only.size === 1 && only.has('azure-gcp')) {
    throw new NothingToCompare(
      explanationLine({
        cause: 'azure-gcp compares two sources, and one is named.',
        remedy: 'leave out --source.',
      }),
    );
  }
  const answers = await Promise.all(
    asked.map(async (one): Promise<Answer | UnreachableSource> => {
      const { source, read } = one;
      try {
        return { asked: one, observed: await read((em) => takeSnapshot(source, em, one.ignored)) };
      } catch (error) {
        if (!(error instanceof TandemError)) throw error;
        return unreachableSource(source, error);
      }
    }),
  );
  const there = answers.flatMap((answer) => ('observed' in answer ? [answer] : []));
  const unreachable = answers.flatMap((answer) => ('observed' in answer ? [] : [answer]));
  if (unreachable.length === 0) checkNames(wanted.tables, there);
  const extentOf = (part: Part): ComparisonScope => ({
    schemas: only.has(part),
    // A history does not show which tables a migration changed.
    histories: only.has('histories') && (wanted.tables === undefined || wanted.only !== undefined),
    ...(wanted.tables && { tables: fitting(wanted.tables), programs: false }),
  });
  const isWanted = (part: Part) => only.has(part) || only.has('histories');
  const [first, second] = there;
  const comparisons: Comparison[] = [];
  if (first && second && isWanted('azure-gcp')) {
    const extent = extentOf('azure-gcp');
    comparisons.push(await tried(second, (observed) => compareSources(first.observed, observed, extent)));
  }
  // One after another: what both try on a source, they try in the same scratch database.
  for (const answer of isWanted('entities') ? there : []) {
    const extent = extentOf('entities');
    const { orm, read, inScratch } = answer.asked;
    const render = renderingOn(orm, inScratch ?? read);
    comparisons.push(await tried(answer, (observed) => compareWithEntities(orm, observed, extent, render)));
  }
  const counted = comparisons.flatMap(({ findings }) => findings).filter((found) => counts(found, failOn));
  const { NO_DRIFT, DRIFT, UNREACHABLE } = exitCodes.drift;
  const exitCode = unreachable.length > 0 ? UNREACHABLE : counted.length > 0 ? DRIFT : NO_DRIFT;
  return { comparisons, unreachable, failOn, exitCode };
}

function checkNames(patterns: readonly string[] = [], answers: readonly Answer[]): void {
  const names = answers.flatMap(({ asked: { orm }, observed: { schema } }) => [
    ...[...schema.tables, ...schema.views].map(({ name }) => name),
    ...tableNamesOf(orm),
  ]);
  const there = [...new Set(names)];
  const missing = patterns.filter((pattern) => !there.some(fitting([pattern])));
  if (missing.length > 0) throw new NothingToCompare(noneCalled('table or view', missing, there));
}

/** A comparison of a source, with its plan tried where the settings say where, or else where there is a place for it. */
async function tried(
  { asked: { inScratch, elsewhere }, observed }: Answer,
  compare: (observed: SchemaSnapshot) => Promise<Comparison> | Comparison,
): Promise<Comparison> {
  const comparison = await compare(observed);
  const { plan } = comparison;
  if (plan.statements.length === 0) return comparison;
  const place = inScratch === null ? await elsewhere?.(observed) : { server: null, lend: inScratch };
  if (place === undefined) return comparison;
  const verification =
    'why' in place
      ? notVerified(place.why)
      : await place
          .lend((em) => verifyPlan(em, { observed, plan, again: compare }))
          .then((found) => on(place.server, found))
          .catch((error): Verification => {
            if (!(error instanceof TandemError)) throw error;
            return notVerified(`the scratch database does not answer, ${error.code}`);
          });
  return { ...comparison, plan: { ...plan, verification } };
}

function notVerified(detail: string | null): Verification {
  return { state: 'NOT_VERIFIED', detail };
}

/** Says where, since another server may have other settings. */
function on(server: string | null, { state, detail }: Verification): Verification {
  if (server === null) return { state, detail };
  return { state, detail: detail === null ? `on ${server}` : `on ${server}, ${detail}` };
}

/** Whether a finding fails the report. */
export function counts({ breaking }: { readonly breaking: boolean }, failOn: FailOn): boolean {
  return breaking || failOn === 'any';
}
