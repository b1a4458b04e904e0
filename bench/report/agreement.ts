import type { GridFigures } from '../sections/grid.ts';
import { type GridTarget, gridTargets } from './grid-targets.ts';
import type { Report } from './report.ts';
import { rangeOf } from './table.ts';
import { shownTarget, verdict } from './targets.ts';

/** Figures of the grid as they come back from JSON. */
type Saved = {
  readonly [K in keyof GridFigures]: GridFigures[K] extends ReadonlyMap<string, infer V>
    ? Record<string, V>
    : GridFigures[K];
};

/** @throws Error where a text holds no figures of the grid */
export function figuresIn(text: string): GridFigures {
  const { grid, ...others } = JSON.parse(text) as { readonly grid?: Saved } & Partial<Saved>;
  const saved = grid ?? (others as Saved);
  const { cells, arrivals, memory, starts } = saved;
  if (cells === undefined) throw new Error('These are no figures of --grid.');
  const map = <V>(of: Record<string, V>) => new Map(Object.entries(of));
  return { ...saved, cells: map(cells), arrivals: map(arrivals), memory: map(memory), starts: map(starts) };
}

/** What became of one target in two runs. */
interface Pair {
  readonly one: GridTarget;
  readonly other: GridTarget;
}

/**
 * Whether two runs say the same within the scatter that they state: of each target, the median of one run lies between the lowest and the
 * highest round of the other.
 */
export function reportAgreement(one: GridFigures, other: GridFigures): Report {
  const others = new Map(gridTargets(other).map((target) => [target.what, target]));
  const pairs = gridTargets(one).flatMap((target): Pair[] => {
    const same = others.get(target.what);
    return same === undefined || target.value === null || same.value === null
      ? []
      : [{ one: target, other: same }];
  });
  const kinds = Map.groupBy(pairs, (pair) => pair.one.kind);
  const apart = pairs.filter((pair) => !agree(pair));
  const flipped = pairs.filter((pair) => verdict(pair.one) !== verdict(pair.other));
  return {
    parts: [
      {
        title: `Two runs: ${pairs.length - apart.length} of ${pairs.length} figures agree`,
        table: [
          ['', 'figures', 'agree', 'met in both', 'missed in both', 'met in one', 'other ÷ one'],
          ...[...kinds].map(([kind, of]) => rowOf(kind, of)),
        ],
        note: 'Figures agree where the median of one run lies within the rounds of the other.',
      },
      ...listOf('Figures that do not agree', apart),
      ...listOf('Targets that one run meets', flipped),
    ],
  };
}

function rowOf(kind: string, pairs: readonly Pair[]): string[] {
  const count = (test: (pair: Pair) => boolean) => String(pairs.filter(test).length);
  const met = ({ one, other }: Pair) => [one, other].filter((run) => verdict(run) === 'met').length;
  const quotients = pairs.map(({ one, other }) => (other.value as number) / (one.value as number));
  return [
    kind,
    String(pairs.length),
    count(agree),
    count((pair) => met(pair) === 2),
    count((pair) => met(pair) === 0),
    count((pair) => met(pair) === 1),
    rangeOf(quotients),
  ];
}

function listOf(title: string, pairs: readonly Pair[]): Report['parts'] {
  if (pairs.length === 0) return [];
  const rows = pairs.map(({ one, other }) => [one.what, shownTarget(one), shownTarget(other)]);
  return [{ title, table: [['', 'one', 'other'], ...rows] }];
}

function agree({ one, other }: Pair): boolean {
  return isWithin(one.value, other.rounds) || isWithin(other.value, one.rounds);
}

function isWithin(value: number | null, rounds: readonly number[] = []): boolean {
  return value !== null && Math.min(...rounds) <= value && value <= Math.max(...rounds);
}
