import { buildSchema, execute, type GraphQLResolveInfo, parse } from 'graphql';
import { expect, it } from 'vitest';
import { selectionCache } from '../../src/reads/selection-cache.ts';
import { below, namesAt, selectionNodesOf } from '../../src/reads/selection-nodes.ts';
import { mostVariants } from '../../src/util/skip-include-variables.ts';

const schema = buildSchema(
  'type Query { page: Page } type Page { node: Row } type Row { a: Int b: Int c: Int d: Int e: Int }',
);

/** Runs operations of one document and counts how often a selection was made. */
function runner(text: string) {
  const document = parse(text);
  let made = 0;
  const run = async (variableValues: Record<string, unknown>, operationName?: string) => {
    let names: string[] = [];
    const page = (_given: unknown, _context: unknown, info: GraphQLResolveInfo) => {
      names = selectionCache(info, () => {
        made += 1;
        return [...namesAt(info, below(info, selectionNodesOf(info), ['node']))];
      });
      return null;
    };
    await execute({ schema, document, rootValue: { page }, variableValues, operationName });
    return names.join('');
  };
  return { run, made: () => made };
}

it('makes a selection once a document where no variable decides what it has', async () => {
  const { run, made } = runner(
    'query ($n: Int) { page { node { a b @skip(if: true) c @include(if: true) } } }',
  );
  for (const n of [1, 2, 3]) expect(await run({ n })).toBe('ac');
  expect(made()).toBe(1);
});

it('makes one for each combination of the variables that @skip and @include take, in fragments too', async () => {
  const { run, made } = runner(`
    query ($b: Boolean!, $c: Boolean!) { page { node { a ...F } } }
    fragment F on Row { b @include(if: $b) c @skip(if: $c) }`);
  for (let time = 0; time < 3; time++) {
    expect(await run({ b: true, c: true })).toBe('ab');
    expect(await run({ b: true, c: false })).toBe('abc');
    expect(await run({ b: false, c: true })).toBe('a');
    expect(await run({ b: false, c: false })).toBe('ac');
  }
  expect(made()).toBe(4);
});

it('gives operations that share a fragment each what its own variables select', async () => {
  const { run } = runner(`
    query One($b: Boolean!) { ...P }
    query Two($b: Boolean!, $a: Boolean!) { ...P page { node { a @include(if: $a) } } }
    fragment P on Query { page { node { c b @include(if: $b) } } }`);
  for (let time = 0; time < 2; time++) {
    expect(await run({ b: true }, 'One')).toBe('cb');
    expect(await run({ b: false }, 'One')).toBe('c');
    expect(await run({ b: false, a: true }, 'Two')).toBe('ca');
    expect(await run({ b: true, a: false }, 'Two')).toBe('cb');
  }
});

it('keeps a bounded number of variants, and selects rightly beyond them', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const { run, made } = runner(
    `query (${names.map((name) => `$${name}: Boolean!`)}) { page { node { __typename ${names.map((name) => `${name} @include(if: $${name})`).join(' ')} } } }`,
  );
  const combinations = Array.from({ length: 2 ** names.length }, (_, bits) =>
    Object.fromEntries(names.map((name, at) => [name, (bits & (1 << at)) !== 0])),
  );
  for (let time = 0; time < 2; time++)
    for (const given of combinations)
      expect(await run(given)).toBe(`__typename${names.filter((name) => given[name]).join('')}`);
  expect(made()).toBe(combinations.length + (combinations.length - mostVariants));
});
