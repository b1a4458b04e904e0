import type { ContestantName } from '../contestant.ts';
import { Lists } from '../list-map.ts';
import { type Figures, measure, medians } from '../measure.ts';
import type { Report } from '../report/report.ts';
import { ratio } from '../report/table.ts';
import { interleave, type Stage } from '../stage.ts';

/** W1 with more and more patients. */
export type GrowthFigures = readonly (Figures & {
  readonly contestant: ContestantName;
  readonly patients: number;
})[];

const sizes = [1, 10, 100, 1000];

export async function runGrowth(stage: Stage): Promise<GrowthFigures> {
  const { options, databases, signal } = stage;
  const rounds = new Lists<Figures>();
  await interleave(stage, options.contestants, async ({ contestant, server, requests }, _round, say) => {
    for (const size of sizes) {
      say(`w1, ${size} patients`);
      const load = { clients: options.connections, seconds: options.seconds, signal };
      const figures = await measure(server, databases, requests('w1', { first: size }), load);
      rounds.add(`${contestant.name} ${size}`, figures);
    }
  });
  return options.contestants.flatMap((contestant) =>
    sizes.map((patients) => ({ contestant, patients, ...medians(rounds.get(`${contestant} ${patients}`)) })),
  );
}

export function reportGrowth(figures: GrowthFigures): Report {
  const rows = sizes.flatMap((size) => {
    const same = figures.filter(({ patients }) => patients === size);
    const limit = same.find(({ contestant }) => contestant === 'limit');
    return same.map(({ contestant, cpuMs, databaseCpuMs, p50Ms }) => [
      String(size),
      contestant,
      cpuMs.toFixed(3),
      ((cpuMs / size) * 1000).toFixed(1),
      ratio(cpuMs, limit?.cpuMs),
      databaseCpuMs?.toFixed(3) ?? '–',
      p50Ms.toFixed(1),
    ]);
  });
  const head = ['patients', '', 'CPU ms', 'CPU µs a patient', '× limit', 'database CPU ms', 'p50 ms'];
  return { parts: [{ title: 'Growth: W1 with 1 to 1000 patients', table: [head, ...rows] }] };
}
