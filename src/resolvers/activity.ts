import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../context.ts';
import { extensionsOf, isErrorCode } from '../errors/codes.ts';
import { DateTime } from '../scalars/date-time.ts';
import { sourceNames } from '../source-name.ts';
import { type ActivityReport, sampleMs } from '../sources/activity.ts';
import { Activity } from './types/activity.ts';

@Resolver()
export class ActivityResolver {
  @Query(() => Activity, {
    nullable: true,
    description: 'What the sources did in the last ten minutes, sampled every two seconds.',
  })
  async activity(
    @Arg('since', () => DateTime, {
      nullable: true,
      description: 'Only samples after this moment, such as the last one that the client has.',
    })
    since: string | null | undefined,
    @Ctx() { sources }: Context,
  ): Promise<Activity> {
    return activityOf(await sources.activity(), since ? Date.parse(since) : 0);
  }
}

function activityOf({ samples, errors }: ActivityReport, since: number): Activity {
  const isWanted = ({ at }: { readonly at: number }) => at > since;
  const wanted = samples.filter(isWanted);
  return {
    intervalMs: sampleMs,
    sources: sourceNames.map((source) => ({
      source,
      samples: wanted.map((sample) => ({ at: isoTime(sample.at), ...sample[source] })),
    })),
    errors: errors.map(({ lastAt, ...error }) => ({
      ...error,
      samples: error.samples.filter(isWanted).map(({ at, count }) => ({ at: isoTime(at), count })),
      lastAt: isoTime(lastAt),
      remedy: isErrorCode(error.code) ? extensionsOf(error.code, error.source ?? undefined).remedy : null,
    })),
  };
}

const isoTime = (at: number) => new Date(at).toISOString();
