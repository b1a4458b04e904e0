import { Args, Ctx, Field, Float, Int, ObjectType, Query, Resolver, registerEnumType } from 'type-graphql';
import type { Context } from '../context.ts';
import { SourceName, sourceNames } from '../source-name.ts';
import { inTime } from '../sources/operation-deadline.ts';
import { statusOf } from '../sources/source-status.ts';
import { SourceArgs } from './types/arguments.ts';

const SourceState = { UP: 'UP', DOWN: 'DOWN' } as const;

registerEnumType(SourceState, {
  name: 'SourceState',
  description: 'Whether a source answers.',
  valuesConfig: {
    UP: { description: 'It answered just now.' },
    DOWN: { description: 'It did not; reads and writes fail with SOURCE_UNAVAILABLE.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'How a source is at the moment of the question.' })
class SourceStatus {
  @Field(() => SourceName, { description: 'Which source.' })
  readonly source!: SourceName;

  @Field(() => SourceState, { description: 'Whether it answers.' })
  readonly state!: keyof typeof SourceState;

  @Field(() => Float, {
    nullable: true,
    description: 'Milliseconds that it took to answer; null while down.',
  })
  readonly latencyMs?: number;

  @Field(() => String, { nullable: true, description: 'Version of the MySQL server; null while down.' })
  readonly serverVersion?: string;

  @Field(() => String, { nullable: true, description: 'TLS protocol of the connection; null while down.' })
  readonly tlsVersion?: string;

  @Field(() => String, {
    nullable: true,
    description: 'The last migration applied; null while down, or where none was.',
  })
  readonly migration?: string | null;

  @Field(() => Int, { description: 'Connections that Tandem opens to it at most.' })
  readonly maxConnections!: number;

  @Field(() => PoolStatus, { description: 'The pool of its connections.' })
  readonly pool!: PoolStatus;

  @Field(() => BreakerState, { description: 'Whether connecting to it is worth a try.' })
  readonly breaker!: keyof typeof BreakerState;
}

const BreakerState = { CLOSED: 'CLOSED', OPEN: 'OPEN', HALF_OPEN: 'HALF_OPEN' } as const;

registerEnumType(BreakerState, {
  name: 'BreakerState',
  description: 'Whether connecting to a source is worth a try.',
  valuesConfig: {
    CLOSED: { description: 'It is.' },
    OPEN: { description: 'It failed several times in a row: callers are refused at once.' },
    HALF_OPEN: { description: 'A probe is under way; callers are still refused.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'What the connections of all processes do at the moment.' })
class PoolStatus {
  @Field(() => Int, { description: 'Connections at most.' })
  readonly max!: number;

  @Field(() => Int, { description: 'In use by callers.' })
  readonly inUse!: number;

  @Field(() => Int, { description: 'Open and unused.' })
  readonly idle!: number;

  @Field(() => Int, { description: 'Being opened.' })
  readonly connecting!: number;

  @Field(() => Int, { description: 'Callers that wait for one.' })
  readonly waiting!: number;

  @Field(() => Int, { description: 'Being closed, or given up and not yet ended by the server.' })
  readonly closing!: number;

  @Field(() => Int, { description: 'The one that is kept for ending statements and for probes: 0 or 1.' })
  readonly control!: number;
}

@Resolver()
export class SourceResolver {
  @Query(() => [SourceStatus], { nullable: true, description: 'Both sources, each asked now.' })
  sources(@Ctx() context: Context): Promise<SourceStatus[]> {
    return Promise.all(sourceNames.map((name) => describe(context, name)));
  }

  @Query(() => SourceStatus, { nullable: true, description: 'One source, asked now.' })
  source(@Args(() => SourceArgs) { source }: SourceArgs, @Ctx() context: Context): Promise<SourceStatus> {
    return describe(context, source);
  }
}

async function describe({ caller, sources }: Context, name: SourceName): Promise<SourceStatus> {
  const status = await inTime(caller, statusOf(sources[name]), name);
  const { breaker, ...pool } = (await sources.totals())[name];
  return { source: name, maxConnections: pool.max, pool, breaker, ...status };
}
