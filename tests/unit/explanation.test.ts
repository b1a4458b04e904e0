import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { auditFindings } from '../../src/audit/finding.ts';
import { explanationLine, explanationLines, withPublicNames } from '../../src/errors/explanation.ts';

const problem = { kind: 'LOCKED', cause: 'Another runner migrates.', remedy: 'Wait.', holder: { host: 'a' } };

it('has its label, its cause and its remedy on a terminal', () => {
  expect(explanationLines(problem, { label: problem.kind, indent: '  ' })).toEqual([
    '  LOCKED: Another runner migrates.',
    '  Next: Wait.',
  ]);
  expect(explanationLines(problem)).toEqual(['Another runner migrates.', 'Next: Wait.']);
});

// Programs read these names: a change of one breaks them.
it.each([
  ['creation', 'refused', 'next'],
  ['lint', 'message', 'safer'],
  ['migration', 'detail', 'next'],
  ['preflight', 'detail', 'remedy'],
  ['setting', 'problem', 'remedy'],
  ['source', 'message', 'remedy'],
] as const)('has in JSON of the kind %s the names %s and %s, in their place', (kind, cause, remedy) => {
  expect(JSON.stringify(withPublicNames(kind, problem))).toBe(
    `{"kind":"LOCKED","${cause}":"Another runner migrates.","${remedy}":"Wait.","holder":{"host":"a"}}`,
  );
});

it('is one line where it is a hint', () => {
  expect(explanationLine(problem)).toBe('Another runner migrates. Next: Wait.');
});

// Lists: what follows the word is no remedy of one cause.
const lists = ['commands/generate-entities.ts', 'config/config-error.ts', 'cutover/formats.ts'];

it('is what writes the word before a remedy, but for lists', () => {
  const files = globSync('src/**/*.ts').filter((file) => /['"`. ]Next: /.test(readFileSync(file, 'utf8')));
  expect(files.map((file) => file.slice('src/'.length)).toSorted()).toEqual(
    [...lists, 'errors/explanation.ts'].toSorted(),
  );
});

it('of a finding of the audit stands in docs/audit.md', () => {
  const rows = [
    ...readFileSync('docs/audit.md', 'utf8').matchAll(/^\| `((?:ROW|SEAL)_\w+)` *\| (.*?) *\|$/gm),
  ].map(([, kind, cause]) => [kind, cause]);
  expect(rows).toEqual(Object.entries(auditFindings).map(([kind, { cause }]) => [kind, cause]));
});
