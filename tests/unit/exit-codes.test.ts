import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../src/errors/exit-codes.ts';

/** The rows of a page's table of exit codes, without the 0 and 1 that every command has. */
function rowsOf(page: string): (readonly [number, string | undefined])[] {
  return readFileSync(`docs/${page}.md`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, codes = '', kind] = /^\| (\d+(?:, \d+)*) +\| (?:`?([A-Z_]+)`? )?/.exec(line) ?? [];
      return codes.split(', ').map((code) => [Number(code), kind] as const);
    })
    .filter(([code]) => code > 1);
}

describe('the exit codes', () => {
  it.each(['preflight', 'migrations'] as const)('stand with their kinds on the page of %s', (page) => {
    const codes = exitCodes[page === 'migrations' ? 'migrate' : page];
    expect(rowsOf(page)).toEqual(Object.entries(codes).map(([kind, code]) => [code, kind]));
  });

  it.each([
    ['drift', exitCodes.drift],
    ['parity', exitCodes.parity],
    ['cutover', exitCodes.cutover],
    ['audit', exitCodes.audit],
    ['deployment', exitCodes.serve],
  ])('stand on the page of %s', (page, codes) => {
    const listed = Object.values<number>(codes).filter((code) => code > 1);
    expect(rowsOf(page).map(([code]) => code)).toEqual(listed);
  });

  it.each(Object.entries(exitCodes))(
    'of %s can be told apart, and from those of a shell',
    (command, codes) => {
      const all = Object.values<number>(codes);
      expect(new Set(all).size).toBe(all.length);
      // 1 is any fault, and 126 and more are the shell's.
      if (command !== 'serve') expect(all.every((code) => code !== 1 && code < 126)).toBe(true);
    },
  );
});
