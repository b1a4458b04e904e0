import { expect, it } from 'vitest';
import { explanationLines, withPublicNames } from '../../src/errors/explanation.ts';

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
