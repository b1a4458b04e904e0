import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { DatabaseConfig } from '../../src/config/groups/database.ts';
import { runParity } from '../../src/parity/run.ts';
import { passwordOf } from '../helpers/driver.ts';
import { createParityPair, plantedRowsIn } from '../helpers/parity-pair.ts';
import { plants } from '../helpers/parity-plants.ts';

const isThere = spawnSync('pt-table-sync', ['--version']).status === 0;
const isLong = process.env.TANDEM_LONG === '1';
if (isLong && !isThere)
  console.warn('SKIPPED: pt-table-sync is not there. Next: apt-get install percona-toolkit');

/** What a program makes of a table with planted differences. */
const outcomes = {
  all: 'exactly the rows that differ',
  none: 'no row, though rows differ',
  some: 'some of the rows',
  invented: 'more statements than rows that differ',
  failed: 'an error',
} as const;
type Outcome = keyof typeof outcomes;

function outcomeOf(rows: number, planted: number): Outcome {
  if (planted === 0) return rows === 0 ? 'all' : 'invented';
  return rows === 0 ? 'none' : rows < planted ? 'some' : rows === planted ? 'all' : 'invented';
}

it.runIf(isLong && isThere)(
  'finds all that is planted, where pt-table-sync does not',
  async () => {
    await using pair = await createParityPair();
    const { AZURE, GCP } = pair.config.databases;
    const folder = await mkdtemp(join(tmpdir(), 'tandem-beside-'));
    const options = join(folder, 'my.cnf');
    await writeFile(join(folder, 'ca.pem'), String(AZURE.tls.ca ?? ''));
    await writeFile(
      options,
      `[client]\nssl=1\nssl-ca=${join(folder, 'ca.pem')}\ndefault-character-set=utf8mb4\n`,
    );
    const side = ({ port, name, migrator }: DatabaseConfig, table: string) =>
      `h=127.0.0.1,P=${port},D=${name},t=${table},u=${migrator.user},p=${passwordOf(migrator)},F=${options}`;
    /** The statements that it would run, one a row; null where it ends with an error. */
    const theirs = (table: string) =>
      new Promise<number | null>((resolve) => {
        const args = [
          '--print',
          '--no-check-slave',
          '--no-version-check',
          side(AZURE, table),
          side(GCP, table),
        ];
        execFile('pt-table-sync', args, { timeout: 60_000 }, (error, out) => {
          const { code = 0 } = error ?? {};
          resolve(
            code === 0 || code === 2 ? (out.match(/^(UPDATE|INSERT|REPLACE|DELETE) /gm) ?? []).length : null,
          );
        });
      });
    const name = (at: number) => `beside_${at}`;
    for (const [at, one] of plants.entries()) await pair.plant(one, name(at));
    const request = { tables: [], since: null, resume: false, throttle: 100, settleMs: 20 };
    const { tables } = await runParity(pair.clients, request);
    const found: Found[] = [];
    for (const [at, { what, found: planted }] of plants.entries()) {
      const ours = tables.find((one) => one.table === name(at));
      const rows = await theirs(name(at));
      found.push({
        what,
        ours: outcomeOf(ours === undefined ? 0 : plantedRowsIn(ours).length, planted.length),
        theirs: rows === null ? 'failed' : outcomeOf(rows, planted.length),
      });
    }
    await rm(folder, { recursive: true });
    expect(found.filter(({ ours }) => ours !== 'all')).toEqual([]);
    const page = readFileSync('docs/parity.md', 'utf8');
    const made = page.replace(/(?<=<!-- Made by `[^`]*`: do not edit. -->\n)[\s\S]*?(?=\n<!-- -->)/, () =>
      besideTable(found),
    );
    expect(made).toContain(besideTable(found));
    await expect(made).toMatchFileSnapshot('../../docs/parity.md');
  },
  900_000,
);

interface Found {
  readonly what: string;
  readonly ours: Outcome;
  readonly theirs: Outcome;
}

/** The part of docs/parity.md. */
function besideTable(found: readonly Found[]): string {
  const version = /[\d.]+/.exec(spawnSync('pt-table-sync', ['--version'], { encoding: 'utf8' }).stdout)?.[0];
  const rows = Object.entries(outcomes).map(([outcome, text]) => {
    const of = (whose: 'ours' | 'theirs') => found.filter((one) => one[whose] === outcome);
    const which = outcome === 'all' ? [] : of('theirs').map(({ what }) => what);
    return `| ${text} | ${of('ours').length} | ${of('theirs').length} | ${firstOf(which)} |`;
  });
  return [
    '',
    `Of ${found.length} tables; pt-table-sync ${version} with \`--print\`, on MySQL 9.7:`,
    '',
    '| Outcome | Parity | pt-table-sync | Which |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function firstOf(names: readonly string[], most = 6): string {
  const shown = names.slice(0, most).join('; ');
  return names.length > most ? `${shown}; and ${names.length - most} more` : shown;
}
