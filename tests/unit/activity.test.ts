import { afterEach, expect, it, vi } from 'vitest';
import { recordActivity, sampleMs, togetherActive } from '../../src/sources/activity.ts';

afterEach(() => {
  vi.useRealTimers();
});

const idle = { inUse: 0, idle: 0, waiting: 0 };
const pool = { stats: () => idle as never };

/** A recorder at a moment of its own. */
function recorderAt(at: number) {
  vi.useFakeTimers({ now: at });
  const recorder = recordActivity();
  recorder.watch({ AZURE: pool, GCP: pool });
  return recorder;
}

it('counts the errors of each code by the sample that they fell into, those about no source too', () => {
  const recorder = recorderAt(1_000_000);
  recorder.failed('SOURCE_UNAVAILABLE', 'AZURE');
  recorder.failed('SOURCE_UNAVAILABLE', 'AZURE');
  recorder.failed('BAD_USER_INPUT', null);
  vi.advanceTimersByTime(2 * sampleMs);
  recorder.failed('SOURCE_UNAVAILABLE', 'AZURE');
  vi.advanceTimersByTime(sampleMs);
  const { errors, samples } = recorder.report();
  expect(errors).toEqual([
    expect.objectContaining({
      source: 'AZURE',
      code: 'SOURCE_UNAVAILABLE',
      count: 3,
      samples: [
        { at: 1_002_000, count: 2 },
        { at: 1_006_000, count: 1 },
      ],
    }),
    expect.objectContaining({
      source: null,
      code: 'BAD_USER_INPUT',
      count: 1,
      samples: [{ at: 1_002_000, count: 1 }],
    }),
  ]);
  expect(samples.map(({ at }) => at)).toEqual([1_002_000, 1_004_000, 1_006_000]);
  recorder.close();
});

it('forgets the samples of errors after ten minutes, and not that there were any', () => {
  const recorder = recorderAt(1_000_000);
  recorder.failed('CONFLICT', 'GCP');
  vi.advanceTimersByTime(600_000);
  expect(recorder.report().errors).toEqual([
    expect.objectContaining({ samples: [{ at: 1_002_000, count: 1 }] }),
  ]);
  vi.advanceTimersByTime(3 * sampleMs);
  expect(recorder.report().errors).toEqual([expect.objectContaining({ count: 1, samples: [] })]);
  recorder.close();
});

it('adds up what several processes have counted of one code at one time', () => {
  const counted = (samples: { at: number; count: number }[], count: number, lastAt: number) => ({
    samples: [],
    errors: [{ source: 'GCP' as const, code: 'CONFLICT', count, lastAt, samples }],
  });
  const { errors } = togetherActive([
    counted(
      [
        { at: 2000, count: 1 },
        { at: 6000, count: 2 },
      ],
      3,
      5500,
    ),
    counted(
      [
        { at: 4000, count: 4 },
        { at: 6000, count: 1 },
      ],
      9,
      5900,
    ),
  ]);
  expect(errors).toEqual([
    {
      source: 'GCP',
      code: 'CONFLICT',
      count: 12,
      lastAt: 5900,
      samples: [
        { at: 2000, count: 1 },
        { at: 4000, count: 4 },
        { at: 6000, count: 3 },
      ],
    },
  ]);
});
