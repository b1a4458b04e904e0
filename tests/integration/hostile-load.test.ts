import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seed as seedPatients } from '../../src/seeders/seed.ts';
import { openSources } from '../../src/sources/registry.ts';
import { createDatabases, environmentOf, type TestDatabases } from '../helpers/databases.ts';
import { type Serving, startServing } from '../helpers/serving.ts';

// Random requests that ask for as much as a request can, to a server in a process of its own, beside others' cheap ones.

const seed = Number(process.env.TANDEM_TEST_SEED ?? Date.now() % 2 ** 31);
const count = process.env.TANDEM_LONG === '1' ? 100 : 25;
/** The machine may be busy with other tests; alone, none takes 100 ms. */
const mostMs = 1000;

let databases: TestDatabases;
let serving: Serving;

beforeAll(async () => {
  databases = await createDatabases();
  const sources = await openSources(databases.config);
  await seedPatients(sources.AZURE, 1500);
  await sources.close();
  serving = await startServing({ ...environmentOf(databases.config), LOG_LEVEL: 'info' });
}, 120_000);
afterAll(async () => {
  await serving?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

const selection = fc.letrec((tie) => ({
  record: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom('key', 'id diagnosis', '__typename a: treatment b: treatment'),
    fc
      .tuple(fc.constantFrom('doctor', 'patient'), tie('owner'))
      .map(([name, inner]) => `key ${name} { ${inner} }`),
  ),
  owner: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom('key', 'id lastName'),
    tie('record').map((inner) => `records { ${inner} }`),
    fc.tuple(tie('record'), tie('record')).map(([one, two]) => `a: records { ${one} } b: records { ${two} }`),
  ),
}));
const leaf = fc.oneof(
  fc.record({ diagnosis: fc.record({ contains: fc.string({ minLength: 0, maxLength: 120 }) }) }),
  fc.record({ key: fc.record({ in: fc.array(fc.nat(), { maxLength: 1000, size: 'max' }) }) }),
  fc.record({ treatment: fc.record({ contains: fc.nat(1_000_000).map((length) => '%'.repeat(length)) }) }),
  fc.constant({ doctor: { records: { some: { patient: { records: { none: {} } } } } } }),
);
const fitting = (part: object) => Math.ceil(2 ** 20 / JSON.stringify(part).length);
const where = fc.oneof(
  leaf,
  // A body has 1 MiB at most; what is far longer is no text any more.
  fc
    .tuple(leaf, fc.nat(20_000))
    .map(([one, times]) => ({ or: Array(Math.min(times, fitting(one))).fill(one) })),
  fc.tuple(leaf, fc.nat(12)).map(([one, depth]) =>
    Array(depth)
      .fill(0)
      .reduce((inner) => ({ not: inner }), one),
  ),
);
const operation = fc
  .record({
    fields: fc.array(
      fc.record({
        inner: selection.record as fc.Arbitrary<string>,
        size: fc.constantFrom(1, 100, 1000),
        total: fc.boolean(),
      }),
      { minLength: 1, maxLength: 20 },
    ),
    where: fc.option(where),
  })
  .map((asked) => ({
    query: `query ($w: MedicalRecordWhere) { ${asked.fields
      .map(
        ({ inner, size, total }, n) =>
          `f${n}: medicalRecords(source: AZURE, first: ${size}${asked.where ? ', where: $w' : ''}) { nodes { ${inner} } ${total ? 'totalCount' : ''} }`,
      )
      .join(' ')} }`,
    variables: { w: asked.where },
  }))
  .map((body) => JSON.stringify(body))
  .filter((body) => body.length < 2 ** 20);

const post = (body: string) =>
  fetch(`${serving.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

/** Asks again and again until it is over; how long each took. */
async function timesOf(ask: () => Promise<boolean>, isOver: () => boolean): Promise<number[]> {
  const times: number[] = [];
  while (!isOver()) {
    const started = performance.now();
    expect(await ask()).toBe(true);
    times.push(performance.now() - started);
    await delay(20);
  }
  return times;
}

const memory = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${serving.pid}/status`, 'utf8'))?.[1]) / 1024;

it(`lets others be served, whatever ${count} requests ask for (TANDEM_TEST_SEED=${seed})`, async () => {
  // Made first: it keeps this process busy, which is the client of all.
  const bodies = fc.sample(operation, { seed, numRuns: count });
  const cheap = JSON.stringify({ query: '{ patient(source: AZURE, key: 1) { lastName } }' });
  for (let n = 0; n < 50; n++) await (await post(cheap)).text();
  const before = memory();
  let isOver = false;
  const alive = timesOf(
    async () => (await fetch(`${serving.url}/livez`)).ok,
    () => isOver,
  );
  const neighbours = timesOf(
    async () => ((await (await post(cheap)).json()) as { errors?: unknown }).errors === undefined,
    () => isOver,
  );
  const answers: string[] = [];
  const client = async () => {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop())
      answers.push(await (await post(body)).text());
  };
  try {
    await Promise.all([client(), client(), client()]);
  } finally {
    isOver = true;
  }
  expect(Math.max(...(await alive))).toBeLessThan(mostMs);
  const sorted = (await neighbours).toSorted((one, other) => one - other);
  expect(sorted[Math.floor(sorted.length * 0.99)]).toBeLessThan(mostMs);
  expect(memory() - before).toBeLessThan(400);
  expect(answers).toHaveLength(count);
  for (const answer of answers) expect(answer).not.toContain('INTERNAL_SERVER_ERROR');
}, 120_000);
