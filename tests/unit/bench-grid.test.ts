import { expect, it } from 'vitest';
import { figuresIn, reportAgreement } from '../../bench/report/agreement.ts';
import { reportGrid } from '../../bench/report/grid.ts';
import { toJson } from '../../bench/report/json.ts';
import type { Cell, GridFigures } from '../../bench/sections/grid.ts';

const cellOf = (cpuMs: number): Cell => ({
  cpuMs,
  perSecond: 1000,
  p50Ms: 1,
  p99Ms: 2,
  loopMs: 1,
  databaseCpuMs: 1,
  rssMb: 200,
});

/** A grid of W1 with 20 and 50 clients. @param cpu of Tandem in each round; of the limit it is 1, of Mercurius 2 */
function gridOf(cpu: readonly number[]): GridFigures {
  const rounds = (of: readonly number[]) => of.map(cellOf);
  const cells = [20, 50].flatMap((clients) => [
    [`tandem old w1 ${clients}`, rounds(cpu)] as const,
    [`limit old w1 ${clients}`, rounds(cpu.map(() => 1))] as const,
    [`mercurius old w1 ${clients}`, rounds(cpu.map(() => 2))] as const,
  ]);
  const arrivals = (p99Ms: number) => cpu.map(() => ({ perSecond: 700, p99Ms }));
  return {
    cells: new Map(cells),
    arrivals: new Map([
      ['tandem w1', arrivals(3)],
      ['limit w1', arrivals(2)],
    ]),
    memory: new Map([
      ['tandem', [{ middleMb: 300, endMb: 310 }]],
      ['limit', [{ middleMb: 200, endMb: 200 }]],
    ]),
    starts: new Map([['tandem', [{ ms: 900, cpuMs: 1000 }]]]),
    contestants: ['tandem', 'limit', 'mercurius'],
    workloads: ['w1'],
  };
}

const rowOf = (report: ReturnType<typeof reportGrid>, part: number, row: string) =>
  report.parts[part]?.table.find(([name]) => name === row);

it('says of each target of the grid whether it is met, with its rounds', () => {
  const report = reportGrid(gridOf([1.2, 1.1, 1.4]));
  expect(report.parts[0]?.table[0]).toEqual([
    '',
    'CPU × limit',
    'CPU × Mercurius',
    'p99 × limit',
    'event loop p99.9 × limit',
    'database CPU × limit',
    'p99 × limit, open arrivals',
  ]);
  expect(rowOf(report, 0, 'W1, 20 clients')?.slice(1, 3)).toEqual([
    '1.20 ≤ 1.25 (1.10–1.40)',
    '0.60 ≤ 1.00 (0.55–0.70)',
  ]);
  expect(rowOf(report, 0, 'W1, 50 clients')?.slice(-2)).toEqual(['', '1.50 > 1.30 (1.50–1.50)']);
  expect(rowOf(report, 1, 'W11: memory at the end')).toContain('missed');
  expect(rowOf(report, 1, 'From the start to the first answer')).toContain('met');
});

it('keeps the figures of a grid in JSON', () => {
  const figures = gridOf([1, 2]);
  expect(figuresIn(toJson(figures))).toEqual(figures);
  expect(figuresIn(toJson({ machine: {}, grid: figures }))).toEqual(figures);
  expect(() => figuresIn('{"main": {}}')).toThrow('no figures');
});

it('says that two runs agree within their rounds, and which targets only one of them meets', () => {
  const one = gridOf([1.2, 1.1, 1.4]);
  const [agreed, ...others] = reportAgreement(one, gridOf([1.3, 1.35, 1.26])).parts;
  const count = agreed?.table.slice(1).reduce((sum, [, figures]) => sum + Number(figures), 0);
  expect(agreed?.title).toBe(`Two runs: ${count} of ${count} figures agree`);
  expect(others.map(({ title, table }) => [title, table.slice(1).map(([what]) => what)])).toEqual([
    ['Targets that one run meets', ['W1, 20 clients: CPU × limit', 'W1, 50 clients: CPU × limit']],
  ]);
});

it('names the figures in which two runs lie apart', () => {
  const { parts } = reportAgreement(gridOf([1.2, 1.1, 1.4]), gridOf([1.5, 1.6, 1.45]));
  expect(parts.find(({ title }) => title.includes('do not agree'))?.table.slice(1)).toHaveLength(4);
});
