import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cycleIn, faultsIn, importsIn, roomOf, unlistedIn } from '../../scripts/boundaries/imports.ts';
import { quotesReadIn } from '../../scripts/boundaries/sql-in-src-sql.ts';
import { mayImport, renderBoundaries } from '../../scripts/boundaries.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-boundaries-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function planted(file: string, text: string): string[] {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), `${text}\n`);
  return faultsIn(importsIn(folder));
}

describe('the folders of src', () => {
  const imports = importsIn('src');

  it('import only what the table allows', () => {
    expect(faultsIn(imports)).toEqual([]);
  });

  it('have a row each, and each row a folder', () => {
    expect(unlistedIn('src')).toEqual([]);
  });

  it('use every import that the table allows', () => {
    const used = new Set(imports.map(({ from, to }) => `${roomOf(from)} → ${roomOf(to)}`));
    const allowed = Object.entries(mayImport).flatMap(([room, to]) =>
      to.map((target) => `${room} → ${target}`),
    );
    expect(allowed.filter((edge) => !used.has(edge))).toEqual([]);
  });

  it('form no cycle', () => {
    expect(cycleIn(mayImport)).toBeUndefined();
  });

  it('are drawn in docs/architecture.md', async () => {
    const picture =
      /(?<=<!-- Made by `npm run docs` from scripts\/boundaries.ts: do not edit. -->\n)[\s\S]*?(?=\n<!-- -->)/;
    const page = readFileSync('docs/architecture.md', 'utf8').replace(picture, () => renderBoundaries());
    expect(page).toContain(renderBoundaries());
    await expect(page).toMatchFileSnapshot('../../docs/architecture.md');
  });
});

describe('the table', () => {
  it.each([
    ['sources/planted.ts', "import { a } from '../reads/reader.ts';", 'sources may not import reads'],
    ['sources/pool/planted.ts', "import { a } from '../../reads/reader.ts';", 'sources may not import reads'],
    ['sources/planted.ts', "import type { A } from '../observability/observe.ts';", 'sources may not import'],
    ['reads/planted.ts', "export { a } from '../writes/writer.ts';", 'reads may not import writes'],
    ['resolvers/planted.ts', "await import('../server/app.ts');", 'resolvers may not import server'],
    ['entities/planted.ts', "import '../config/config.ts';", 'entities may not import config'],
    ['local/planted.ts', "import '../sources/source.ts';", 'local may not import sources'],
    ['planted/planted.ts', "import '../sql/quote.ts';", 'no row for planted'],
    ['planted.ts', "import './start.ts';", 'no row for planted'],
  ])('refuses what %s says: %s', (file, text, fault) => {
    expect(planted(file, text)).toEqual([expect.stringContaining(fault)]);
  });

  it('refuses a folder without a row that imports nothing, and a row without a folder', () => {
    expect(planted('planted/planted.ts', 'export const alone = 1;')).toEqual([]);
    expect(unlistedIn(folder, { sql: [] })).toEqual([
      'src/planted: the table has no row for planted.',
      'The table has a row for sql, which is not in src.',
    ]);
  });

  it('allows what follows the flow of data', () => {
    expect(planted('reads/planted.ts', "import '../sources/source.ts';")).toEqual([]);
  });

  it('shows a cycle, of types too', () => {
    expect(cycleIn({ ...mayImport, sources: [...(mayImport.sources ?? []), 'reads'] })).toEqual(
      expect.arrayContaining(['reads', 'sources']),
    );
    expect(planted('sources/planted.ts', "import type { Reader } from '../reads/reader.ts';")).toHaveLength(
      1,
    );
  });
});

describe('quotation marks of SQL', () => {
  it('are read and written in src/sql alone', () => {
    expect(quotesReadIn('src')).toEqual([]);
  });

  it.each([
    ['drift/planted.ts', "const text = /'(?:[^'\\\\]|'')*'/;"],
    ['drift/planted.ts', 'const names = sql.match(/`[^`]+`/g);'],
    ['reads/planted.ts', 'const literal = quote + text.replaceAll("\'", "\'\'");'],
    ['migrator/planted.ts', "const name = quoted.replaceAll('``', '`');"],
  ])('fail the check in %s: %s', (file, text) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${text}\n`);
    expect(quotesReadIn(folder, {})).toEqual([expect.stringContaining(`src/${file}:1 looks for`)]);
  });

  it('fail it where a file is excepted that has none', () => {
    expect(quotesReadIn(folder, { 'a.ts': 'why' })).toEqual(['src/a.ts is excepted and looks for none.']);
  });
});
