import { explanationLines } from '../errors/explanation.ts';
import type { StepReport } from './report.ts';

type Color = 'green' | 'yellow' | 'red' | 'dim';

const marks = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  failed: ['✗', 'red'],
  skipped: ['–', 'dim'],
} as const satisfies Record<StepReport['status'], readonly [string, Color]>;

/** A step as lines for a person: what it found, then each problem with its remedy. */
export function describeStep(
  { step, status, ms, detail, problems }: StepReport,
  paint: (color: Color, text: string) => string,
): string[] {
  const [mark, color] = marks[status];
  const time = status === 'skipped' ? '' : `${ms.toFixed(1)} ms`;
  return [
    `  ${paint(color, mark)} ${step.padEnd(10)} ${paint('dim', time.padStart(10))}  ${detail}`,
    ...problems.flatMap((problem) =>
      explanationLines(problem, {
        label: paint(problem.severity === 'failure' ? 'red' : 'yellow', problem.kind),
        indent: '      ',
      }),
    ),
  ];
}
