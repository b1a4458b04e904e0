import { noOrigin, type Refusal, unknownOrigin } from '../errors.ts';
import { ensureTemplate } from '../mysqld/data.ts';
import { ORIGINS, type Program, type ProgramOrigin, type ServerOrigin } from '../types.ts';
import type { Attempt, Search } from './attempt.ts';
import { findUnpacked } from './debian-archive.ts';
import { findDocker } from './docker.ts';
import { findMysqld } from './installed.ts';

const FINDERS: Record<ProgramOrigin, (search: Search) => Promise<Attempt>> = {
  docker: findDocker,
  mysqld: findMysqld,
  debian: findUnpacked,
};

/** Which origins to try: those given, else those in TANDEM_LOCAL_ORIGIN, else all; always in the same order. */
export function originsToTry(
  given: readonly ServerOrigin[] | undefined,
  env: NodeJS.ProcessEnv,
): readonly ServerOrigin[] {
  const named = env.TANDEM_LOCAL_ORIGIN?.split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  if (given || !named?.length) return given ? ORIGINS.filter((origin) => given.includes(origin)) : ORIGINS;
  const unknown = named.find((name) => !ORIGINS.some((origin) => origin === name));
  if (unknown) throw unknownOrigin(unknown, ORIGINS);
  return ORIGINS.filter((origin) => named.includes(origin));
}

/** The first origin whose program is there and can make an empty data directory, with that directory. */
export async function findProgram(
  origins: readonly ServerOrigin[],
  search: Search,
): Promise<{ program: Program; template: string }> {
  const refusals: Refusal[] = [];
  for (const origin of ORIGINS) {
    const why = await refusalOf(origin, origins, search);
    if (typeof why === 'object') return why;
    refusals.push({ origin, why });
    if (origins.includes(origin) && origin in FINDERS) search.report({ kind: 'skipped', origin, why });
  }
  throw noOrigin(refusals);
}

async function refusalOf(
  origin: ServerOrigin,
  origins: readonly ServerOrigin[],
  search: Search,
): Promise<string | { program: Program; template: string }> {
  if (!origins.includes(origin)) return 'not asked for (TANDEM_LOCAL_ORIGIN or the origins given)';
  if (origin === 'settings') return 'AZURE_DB_HOST and GCP_DB_HOST are not set';
  if (origin === 'recorded') return 'no servers of this home are running';
  const attempt = await FINDERS[origin](search);
  if ('why' in attempt) return attempt.why;
  try {
    const template = await ensureTemplate(attempt.program, search.cache, search.env, search.report);
    return { program: attempt.program, template };
  } catch (error) {
    // A server can be installed and yet be kept from foreign directories, as AppArmor does on Ubuntu.
    return error instanceof Error ? error.message : String(error);
  }
}
