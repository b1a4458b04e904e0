import type { ContestantName } from '../contestant.ts';
import { Lists } from '../list-map.ts';
import { type Figures, measure, medians } from '../measure.ts';
import type { Report } from '../report/report.ts';
import { interleave, type Stage } from '../stage.ts';

/** W1 with more and more clients. */
export type ClientsFigures = readonly (Figures & {
  readonly contestant: ContestantName;
  readonly clients: number;
})[];

const crowds = [1, 5, 20, 50, 100, 200];

export async function runClients(stage: Stage): Promise<ClientsFigures> {
  const { options, databases, signal } = stage;
  const rounds = new Lists<Figures>();
  await interleave(stage, options.contestants, async ({ contestant, server, requests }, _round, say) => {
    for (const clients of crowds) {
      say(`w1, ${clients} clients`);
      const figures = await measure(server, databases, requests('w1'), {
        clients,
        seconds: options.seconds,
        signal,
      });
      rounds.add(`${contestant.name} ${clients}`, figures);
    }
  });
  return options.contestants.flatMap((contestant) =>
    crowds.map((clients) => ({ contestant, clients, ...medians(rounds.get(`${contestant} ${clients}`)) })),
  );
}

export function reportClients(figures: ClientsFigures): Report {
  const names = [...new Set(figures.map(({ contestant }) => contestant))];
  const cell = (clients: number, name: ContestantName, show: (row: Figures) => string) =>
    show(figures.find((row) => row.contestant === name && row.clients === clients) as Figures);
  const table = (show: (row: Figures) => string) => [
    ['clients', ...names],
    ...crowds.map((clients) => [String(clients), ...names.map((name) => cell(clients, name, show))]),
  ];
  return {
    parts: [
      {
        title: 'Clients: p50 / p99 in ms of W1 with 1 to 200 at the same time',
        table: table(({ p50Ms, p99Ms }) => `${p50Ms.toFixed(1)} / ${p99Ms.toFixed(1)}`),
      },
      {
        title: 'Clients: requests/s of the same',
        table: table(({ perSecond }) => perSecond.toFixed(0)),
        note: 'A closed loop: every client waits for its answer before it asks again.',
      },
    ],
  };
}
