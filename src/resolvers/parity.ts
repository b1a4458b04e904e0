import type { EntityMetadata } from '@mikro-orm/core';
import {
  Arg,
  Args,
  ArgsType,
  type ClassType,
  Ctx,
  Field,
  FieldResolver,
  Mutation,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { administratorRole } from '../access/identity.ts';
import { permissionOf } from '../access/permission.ts';
import { fieldsOf } from '../column-types/entity-fields.ts';
import type { Context } from '../context.ts';
import { neitherAnswers } from '../errors/neither-answers.ts';
import { TandemError } from '../errors/tandem-error.ts';
import {
  findRun,
  progressOfRun,
  type RecordedRun,
  type RunWanted,
  tablesOfRun,
} from '../parity/read-run-record.ts';
import { hiddenRowsOf } from '../reads/hidden-rows.ts';
import { type SourceName, sourceNames } from '../source-name.ts';
import { isFieldAuthorized } from './table/authorized-fields.ts';
import { ParityProgress, ParityRun, ParityTable } from './types/parity.ts';

@ArgsType()
class ParityArgs implements RunWanted {
  @Field(() => String, { nullable: true, description: 'The run with this id; without it the last run.' })
  readonly id?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether runs of some tables, or of some rows, are passed over.',
  })
  readonly whole!: boolean;
}

@ArgsType()
class StartParityArgs {
  @Field(() => [String], {
    nullable: true,
    description: 'The tables to compare; `*` stands for any characters. Without it all tables.',
  })
  readonly tables?: string[] | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether to go on with the last run, where it did not end, with the tables that it had.',
  })
  readonly resume!: boolean;
}

/** A run, and the source that has its record. */
type FoundRun = RecordedRun & { readonly recordedOn: SourceName };

@Resolver(() => ParityRun)
export class ParityResolver {
  @Query(() => ParityRun, {
    nullable: true,
    description:
      'A run that compares the rows of both databases: its result, or how far it is. Null where there was none.',
  })
  parity(@Args(() => ParityArgs) wanted: ParityArgs, @Ctx() context: Context): Promise<ParityRun | null> {
    return runOf(context, wanted);
  }

  @Mutation(() => ParityRun, {
    nullable: true,
    description:
      'Begins to compare the rows of both databases, in this server’s process, and answers at once; `parity` shows how far it is. One run goes on at a time, else ALREADY_RUNNING. It changes no row.',
  })
  async startParity(
    @Args(() => StartParityArgs) { tables, resume }: StartParityArgs,
    @Ctx() context: Context,
  ): Promise<ParityRun | null> {
    checkTables(tables, resume);
    const { identity, parity } = context;
    const id = await parity.start({ tables: tables ?? [], resume, subject: identity.subject });
    return runOf(context, { id });
  }

  @Mutation(() => ParityRun, {
    nullable: true,
    description:
      'Cancels a run, whichever process is at it: another one ends within some seconds. A run that has ended stays as it is.',
  })
  async cancelParity(
    @Arg('id', () => String, { description: 'The run.' }) id: string,
    @Ctx() context: Context,
  ): Promise<ParityRun | null> {
    const run = await runOf(context, { id });
    if (run === null) throw new TandemError('BAD_USER_INPUT', { message: 'No run on record has this id.' });
    if (run.state !== 'DONE') await context.parity.cancel(id, run.recordedOn);
    return runOf(context, { id });
  }

  @FieldResolver(() => ParityProgress, { description: 'How far it is.' })
  async progress(@Root() run: FoundRun, @Ctx() context: Context): Promise<ParityProgress> {
    return { tables: run.tableCount, ...(await progressOfRun(askedOn(context, run.recordedOn), run.id)) };
  }

  @FieldResolver(() => [ParityTable], { description: 'The tables that it has begun with, by name.' })
  async tables(@Root() run: FoundRun, @Ctx() context: Context): Promise<ParityTable[]> {
    const tables = await tablesOfRun(askedOn(context, run.recordedOn), run.id);
    return tables.map(({ rows, differences, notes, ...table }) => {
      const isShown = differences.length === 0 || readsWhole(context, table.table);
      return {
        ...table,
        rowsAzure: rows.AZURE,
        rowsGcp: rows.GCP,
        notes: isShown ? notes : [...notes, hiddenKeys],
        differences: (isShown ? differences : []).map(({ kind, key, columns }) => ({
          kind,
          key: Object.entries(key ?? {}).map(([column, value]) => ({ column, value })),
          columns,
        })),
      };
    });
  }
}

const hiddenKeys = 'Which rows differ is shown to roles that read all rows and columns of the table.';

/** Whether a role reads a table with all its rows and columns, in both sources: the keys of rows can be names of people. */
function readsWhole({ identity, rules, sources }: Context, table: string): boolean {
  if (identity.role === administratorRole) return true;
  const meta = [...sources.AZURE.orm.getMetadata().getAll().values()].find(
    ({ tableName }) => tableName === table,
  ) as EntityMetadata | undefined;
  if (meta === undefined) return false;
  const read = permissionOf(rules, identity.role, meta.className, 'read');
  const entity = meta.class as ClassType<object>;
  return (
    read !== undefined &&
    Object.keys(read).length === 0 &&
    hiddenRowsOf(meta).rule === null &&
    fieldsOf(entity).every(({ name }) => isFieldAuthorized(entity, name, identity.role))
  );
}

/** An empty list would be all tables, and a run that goes on has its own. */
function checkTables(tables: readonly string[] | null | undefined, resume: boolean): void {
  if (tables == null) return;
  if (tables.length === 0)
    throw new TandemError('BAD_USER_INPUT', {
      message: 'tables names none: name some, or leave it out for all tables.',
    });
  if (resume)
    throw new TandemError('BAD_USER_INPUT', {
      message: 'A run that is resumed has its own tables: leave out tables, or resume.',
    });
}

async function runOf(context: Context, wanted: RunWanted): Promise<(ParityRun & FoundRun) | null> {
  const answers = await Promise.allSettled(
    sourceNames.map(async (recordedOn): Promise<FoundRun | null> => {
      const run = await findRun(askedOn(context, recordedOn), wanted);
      return run && { ...run, recordedOn };
    }),
  );
  const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  const failure = neitherAnswers(failures);
  const runs = answers.flatMap((answer) => (answer.status === 'fulfilled' ? (answer.value ?? []) : []));
  // One source that is down does not hide the record of the other.
  if (runs.length === 0 && failure !== undefined) throw failure;
  if (failure !== undefined && !(failure instanceof TandemError)) throw failure;
  const [run] = runs.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  if (run === undefined) return null;
  const { startedAt, seenAt, endedAt, options } = run;
  return {
    ...run,
    requestedTables: options.tables,
    startedAt: isoTime(startedAt),
    seenAt: isoTime(seenAt),
    endedAt: endedAt && isoTime(endedAt),
  } as ParityRun & FoundRun;
}

function askedOn({ caller, sources }: Context, name: SourceName) {
  return { rows: <R extends object>(sql: string) => sources[name].rows<R>({ sql, params: [] }, caller) };
}

const isoTime = (text: string) => `${text.replace(' ', 'T')}Z`;
