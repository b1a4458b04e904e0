import { expect } from 'vitest';
import { askMany, azure, create, slowest, tally } from './asking.ts';
import { behindProxy } from './behind-proxy.ts';
import { row, seconds, timed } from './row.ts';

const at = behindProxy();

row(7, 'idle connections reset, or all killed, ten times', '0 failed reads', async (tell) => {
  let reads = 0;
  for (let round = 0; round < 10; round++) {
    await at.warm();
    if (round % 2 === 0) {
      at.proxy.reset();
    } else {
      // By the pool's own connection: the account has no session left for others.
      const { AZURE } = at.server.sources;
      const rows = await AZURE.ask<{ id: number }>(
        'select id as id from information_schema.processlist where db = database() and id <> connection_id()',
      );
      for (const { id } of rows) await AZURE.ask(`kill ${id}`).catch(() => {});
    }
    const results = await askMany(at.server, azure, 40);
    expect(tally(results)).toBe('ok 40');
    reads += 40;
  }
  tell(`0 of ${reads} reads failed`);
});

row(16, 'the answer to COMMIT is lost', '`OUTCOME_UNKNOWN`; never a blind retry', async (tell) => {
  let runs = 0;
  const { ms } = await timed(() =>
    at.server.sources.AZURE.write(async (em) => {
      runs += 1;
      await em.execute("update patients set contact_number = '556' where id = 9");
      at.proxy.mode = 'answers lost';
    }).catch(({ code }) => expect(code).toBe('OUTCOME_UNKNOWN')),
  );
  expect(runs).toBe(1);
  at.proxy.mode = 'pass';
  tell(`after ${seconds(ms)}, in one run`);
});

row(22, 'latency of 100 ms more', 'no spurious time-outs', async (tell) => {
  at.proxy.delayMs = 50;
  const results = [...(await askMany(at.server, azure, 100)), ...(await askMany(at.server, create, 20))];
  expect(tally(results)).toBe('ok 120');
  tell(`120 of 120 answered, the slowest in ${seconds(slowest(results))}`);
});
