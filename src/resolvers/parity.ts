import { Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { lastRun, type RecordedRun, tablesOfRun } from '../parity/read-record.ts';
import { type SourceName, sourceNames } from '../source-name.ts';
import { ParityRun, ParityTable } from './types/parity.ts';

/** A run, and the source that has its record. */
type FoundRun = RecordedRun & { readonly recordedOn: SourceName };

@Resolver(() => ParityRun)
export class ParityResolver {
  @Query(() => ParityRun, {
    nullable: true,
    description:
      'The last run of `tandem parity`, which compares the rows of both databases: its result, or how far it is. Null where there was none.',
  })
  async parity(@Ctx() context: Context): Promise<ParityRun | null> {
    const answers = await Promise.allSettled(
      sourceNames.map(async (recordedOn): Promise<FoundRun | null> => {
        const run = await lastRun(askedOn(context, recordedOn));
        return run && { ...run, recordedOn };
      }),
    );
    const failure = answers.find((answer) => answer.status === 'rejected')?.reason;
    const runs = answers.flatMap((answer) => (answer.status === 'fulfilled' ? (answer.value ?? []) : []));
    // One source that is down does not hide the record of the other.
    if (runs.length === 0 && failure !== undefined) throw failure;
    if (failure !== undefined && !(failure instanceof TandemError)) throw failure;
    const [run] = runs.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
    return (
      (run && {
        ...run,
        startedAt: isoTime(run.startedAt),
        seenAt: isoTime(run.seenAt),
        endedAt: run.endedAt && isoTime(run.endedAt),
      }) ??
      null
    );
  }

  @FieldResolver(() => [ParityTable], { description: 'The tables that it has begun with, by name.' })
  async tables(@Root() run: ParityRun & FoundRun, @Ctx() context: Context): Promise<ParityTable[]> {
    const tables = await tablesOfRun(askedOn(context, run.recordedOn), run.id);
    return tables.map(({ rows, differences, ...table }) => ({
      ...table,
      rowsAzure: rows.AZURE,
      rowsGcp: rows.GCP,
      differences: differences.map(({ kind, key, columns }) => ({
        kind,
        key: Object.entries(key ?? {}).map(([column, value]) => ({ column, value })),
        columns,
      })),
    }));
  }
}

function askedOn({ caller, sources }: Context, name: SourceName) {
  return { rows: <R extends object>(sql: string) => sources[name].rows<R>({ sql, params: [] }, caller) };
}

const isoTime = (text: string) => `${text.replace(' ', 'T')}Z`;
