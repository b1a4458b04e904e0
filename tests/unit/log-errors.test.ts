import { GraphQLError } from 'graphql';
import { expect, it } from 'vitest';
import { logErrors } from '../../src/graphql/log-errors.ts';
import { createLog } from '../../src/log/log.ts';

function linesOf(errors: readonly GraphQLError[], operation: string | null = null) {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ level: 'info' }, { write: (line) => void lines.push(JSON.parse(line)) });
  logErrors({ log, requestId: 'r' }, operation, errors);
  return lines;
}

const refused = (code: string, path: (string | number)[] = []) =>
  new GraphQLError('no', { path, extensions: { code } });
const unexpected = () => new GraphQLError('no', { path: ['a'], originalError: new TypeError('canary') });

it('a few errors of an operation have a line each', () => {
  expect(linesOf([refused('A', ['a']), refused('B', ['b', 1])])).toEqual([
    expect.objectContaining({ level: 30, msg: 'operation refused', code: 'A', path: ['a'] }),
    expect.objectContaining({ level: 30, msg: 'operation refused', code: 'B', path: ['b', 1] }),
  ]);
});

it('an operation with 324 errors has four lines, the gravest first, and the last one counts the rest', () => {
  const many = Array.from({ length: 322 }, (_, n) => refused(n % 2 === 0 ? 'A' : 'B'));
  const lines = linesOf([...many, unexpected(), unexpected()]);
  expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
    [50, 'operation failed unexpectedly'],
    [50, 'operation failed unexpectedly'],
    [30, 'operation refused'],
    [30, 'operation has more errors'],
  ]);
  expect(lines[3]?.codes).toEqual({ A: 160, B: 161 });
  expect(JSON.stringify(lines)).not.toContain('canary');
});

it('names that a client chose make no long lines', () => {
  const name = 'x'.repeat(1_000_000);
  const lines = linesOf(
    Array.from({ length: 9 }, () => refused('A', [name, 3, name])),
    name,
  );
  expect(lines).toHaveLength(4);
  for (const line of lines) expect(JSON.stringify(line).length).toBeLessThan(600);
});
