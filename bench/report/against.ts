import { median } from '../load/run-load.ts';
import { type Figures, ratiosOf } from '../measure.ts';
import type { MainFigures } from '../sections/main.ts';
import { workloadNames } from '../workloads.ts';
import { leastForInterval, medianInterval } from './interval.ts';
import type { Report } from './report.ts';

/** This checkout beside the other one: how many times as much the old one takes, of each round. */
export function againstParts({ against, measured, startMs }: MainFigures): Report['parts'] {
  if (against === null) return [];
  const find = (contestant: 'tandem' | 'old', workload: string) =>
    measured.find((each) => each.contestant === contestant && each.workload === workload);
  const rows = workloadNames.flatMap((workload) => {
    const [old, tandem] = [find('old', workload), find('tandem', workload)];
    const of = (pick: (figures: Figures) => number | null) => ratiosOf(old, tandem, pick);
    const cpu = of(({ cpuMs }) => cpuMs);
    if (old === undefined || tandem === undefined || cpu.length === 0) return [];
    return [
      [
        workload.toUpperCase(),
        old.cpuMs.toFixed(3),
        tandem.cpuMs.toFixed(3),
        ...withVerdict(cpu),
        middle(of(({ databaseCpuMs }) => databaseCpuMs)),
        middle(of(({ p99Ms }) => p99Ms)),
        middle(of(({ rssMb }) => rssMb)),
      ],
    ];
  });
  const [before = [], after = []] = [startMs.old, startMs.tandem];
  const starts = before.map((ms, round) => ms / (after[round] as number));
  return [
    {
      title: `This checkout beside ${against}`,
      table: [
        ['', 'old CPU ms', 'CPU ms', 'old ÷ new', '95 % of the median', '', 'database CPU', 'p99', 'RSS'],
        ...rows,
      ],
      note:
        `Ratios are old ÷ new, medians of ${starts.length} rounds: above 1, this checkout takes less. ` +
        'Faster and slower are said where the whole interval is on one side of 1.',
    },
    {
      title: 'Start to the first answer',
      table: [
        ['', 'old ms', 'ms', 'old ÷ new', '95 % of the median', ''],
        ['start', median(before).toFixed(0), median(after).toFixed(0), ...withVerdict(starts)],
      ],
    },
  ];
}

function withVerdict(ratios: readonly number[]): [ratio: string, interval: string, verdict: string] {
  const [least, most] = medianInterval(ratios);
  if (ratios.length < leastForInterval) return [median(ratios).toFixed(3), '–', 'too few rounds'];
  const verdict = least > 1 ? 'faster' : most < 1 ? 'slower' : 'no difference shown';
  return [median(ratios).toFixed(3), `${least.toFixed(3)}–${most.toFixed(3)}`, verdict];
}

const middle = (ratios: readonly number[]) => (ratios.length === 0 ? '–' : median(ratios).toFixed(2));
