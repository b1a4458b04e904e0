import { afterAll, beforeAll, expect, it } from 'vitest';
import { judge } from '../helpers/drift-trial.ts';
import { changed } from '../helpers/random-change.ts';
import { dice, type RandomSchema, randomSchema, render } from '../helpers/random-schema.ts';
import { seed } from '../helpers/random-seed.ts';
import { startTrialDatabases, type TrialDatabases } from '../helpers/trial-databases.ts';

// TANDEM_TEST_SEED=… repeats one; TANDEM_LONG=1 runs 500.
const count = process.env.TANDEM_LONG === '1' ? 500 : 6;

let databases: TrialDatabases;

beforeAll(async () => {
  databases = await startTrialDatabases();
});

afterAll(async () => {
  await databases?.[Symbol.asyncDispose]();
});

/** One that MySQL takes: what is random may be more than an index holds, or what an engine lacks. */
async function valid(database: string, random: () => { schema: RandomSchema; done: string[] }) {
  for (let attempt = 0; ; attempt += 1) {
    const { schema, done } = random();
    try {
      return { schema, done, em: await databases.fresh(database, render(schema)) };
    } catch (error) {
      if (attempt === 50) throw error;
    }
  }
}

it(`finds every random difference, invents none, and mends them in both directions (${count} from TANDEM_TEST_SEED=${seed})`, {
  timeout: 60_000 + count * 10_000,
}, async () => {
  for (let at = 0; at < count; at += 1) {
    const random = dice(seed + at);
    const left = await valid('trial_left', () => ({ schema: randomSchema(random), done: [] }));
    const right = await valid('trial_right', () =>
      changed(random, left.schema, random.chance(0.5) ? 1 : 2 + random.below(4)),
    );
    const { wrong } = await judge({ left: left.em, right: right.em });
    expect(wrong, `TANDEM_TEST_SEED=${seed + at}: ${right.done.join(', ')}`).toEqual([]);
  }
});
