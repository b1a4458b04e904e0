import { readFileSync, writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

const page = 'docs/reliability.md';
const begin = '<!-- rows: npm run docs:reliability -->';
const end = '<!-- /rows -->';

/** Prints what each fault test saw, and writes it into docs/reliability.md where TANDEM_RELIABILITY is set. */
export default class FaultReport implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules
      .flatMap((module) => [...module.children.allTests()])
      .flatMap((test) => {
        const { row } = test.meta();
        return row === undefined ? [] : [{ ...row, state: test.result().state }];
      })
      .toSorted((one, other) => one.number - other.number);
    const outcome = { passed: 'held', failed: 'FAILED', skipped: 'not run', pending: 'not run' } as const;
    for (const { number, fault, state, figure } of rows) {
      process.stdout.write(
        `${String(number).padStart(3)}  ${outcome[state].padEnd(7)}  ${fault}: ${figure}\n`,
      );
    }
    if (process.env.TANDEM_RELIABILITY === undefined) return;
    const table = [
      '| # | Fault | Must hold | Outcome | Seen |',
      '| --- | --- | --- | --- | --- |',
      ...rows.map(
        ({ number, fault, holds, state, figure }) =>
          `| ${number} | ${fault} | ${holds} | ${outcome[state]} | ${figure} |`,
      ),
    ].join('\n');
    const text = readFileSync(page, 'utf8');
    const [before = '', rest = ''] = text.split(begin);
    writeFileSync(page, `${before}${begin}\n\n${table}\n\n${end}${rest.split(end)[1] ?? ''}`);
  }
}
