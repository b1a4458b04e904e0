import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Names that files export, each with those files. A value and a type of one name in one file are one thing. */
function exportedIn(texts: ReadonlyMap<string, string>): Map<string, Set<string>> {
  const files = new Map<string, Set<string>>();
  for (const [file, text] of texts)
    for (const [, name = ''] of text.matchAll(declaration))
      files.set(name, (files.get(name) ?? new Set()).add(file));
  return files;
}

const declaration =
  /^export (?:abstract )?(?:async )?(?:const|let|function\*?|class|enum|interface|type) (\w+)/gm;

const duplicatesIn = (texts: ReadonlyMap<string, string>) =>
  [...exportedIn(texts)]
    .filter(([, files]) => files.size > 1)
    .map(([name, files]) => `${name}: ${[...files].join(', ')}`);

it('has no two exported things of one name', () => {
  const paths = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.tsx?$/.test(file),
  );
  const texts = new Map(paths.map((file) => [file, readFileSync(join('src', file), 'utf8')]));
  expect(exportedIn(texts).size).toBeGreaterThan(500);
  expect(duplicatesIn(texts)).toEqual([]);
});

it('names a planted one with its files', () => {
  const texts = new Map([
    ['a.ts', 'export interface Plan {}\nexport const Kind = 1;\nexport type Kind = number;\n'],
    ['b.ts', 'export const Plan = 1;\n'],
  ]);
  expect(duplicatesIn(texts)).toEqual(['Plan: a.ts, b.ts']);
});
