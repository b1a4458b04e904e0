import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SectionName } from '../options.ts';
import { reportGrid } from '../report/grid.ts';
import { toJson } from '../report/json.ts';
import { reportMain } from '../report/main.ts';
import type { Report } from '../report/report.ts';
import { markdownTable } from '../report/table.ts';
import type { Stage } from '../stage.ts';
import { say } from '../terminal.ts';
import { reportAccess, runAccess } from './access.ts';
import { reportClients, runClients } from './clients.ts';
import { reportDeep, runDeep } from './deep.ts';
import { reportFilters, runFilters } from './filters.ts';
import { type GridFigures, gridSeconds, runGrid } from './grid.ts';
import { reportGrowth, runGrowth } from './growth.ts';
import { reportHeap, runHeap } from './heap.ts';
import { runMain } from './main.ts';
import { reportPool, runPool } from './pool.ts';
import { reportProfile, runProfile } from './profile.ts';
import { reportStatements, runStatements } from './statements.ts';
import { reportWaiting, runWaiting } from './waiting.ts';

/** A section's figures, as they go into JSON, and what is said of them. */
export interface Outcome {
  readonly figures: unknown;
  readonly report: Report;
}

function section<T>(run: (stage: Stage) => Promise<T>, report: (figures: T) => Report) {
  return async (stage: Stage): Promise<Outcome> => {
    const figures = await run(stage);
    return { figures, report: report(figures) };
  };
}

function markdownOf({ parts }: Report): string {
  return parts.map(({ title, table }) => `**${title}**\n\n${markdownTable(table)}\n`).join('\n');
}

/** Every section by its name. */
export const sections: Readonly<Record<SectionName, (stage: Stage) => Promise<Outcome>>> = {
  main: section(runMain, reportMain),
  async grid(stage) {
    const file = join(stage.options.home, 'grid');
    say(
      `  at least ${Math.ceil(gridSeconds(stage.options) / 60)} minutes; ${file}.md and ${file}.json have the figures after each cell`,
    );
    const save = (figures: GridFigures) => {
      writeFileSync(`${file}.md`, markdownOf(reportGrid(figures)));
      writeFileSync(`${file}.json`, toJson(figures));
    };
    const figures = await runGrid(stage, save);
    return { figures, report: reportGrid(figures) };
  },
  heap: section(runHeap, reportHeap),
  waiting: section(runWaiting, reportWaiting),
  filters: section(runFilters, reportFilters),
  statements: section(runStatements, reportStatements),
  growth: section(runGrowth, reportGrowth),
  clients: section(runClients, reportClients),
  deep: section(runDeep, reportDeep),
  pool: section(runPool, reportPool),
  profile: section(runProfile, reportProfile),
  access: section(runAccess, reportAccess),
};
