import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { askMany, azure, slowest, tally, untilOk } from './asking.ts';
import { behindProxy } from './behind-proxy.ts';
import { row, seconds, timed } from './row.ts';

const at = behindProxy();

row(4, 'packets dropped, warm pool, 100 callers', 'every call settles ≤ deadline + 0.2 s', async (tell) => {
  await at.warm();
  at.proxy.mode = 'black hole';
  const results = await askMany(at.server, azure, 100);
  expect(tally(results)).not.toContain('ok');
  expect(slowest(results)).toBeLessThan(5200);
  tell(`${tally(results)}; slowest ${seconds(slowest(results))}`);
});

row(5, 'packets dropped inside a transaction', 'settles ≤ deadline, slot freed', async (tell) => {
  const { ownMs } = await timed(() =>
    at.server.sources.AZURE.write(async (em) => {
      await em.execute("update patients set contact_number = '555' where id = 1");
      at.proxy.mode = 'black hole';
      await em.execute('select 1');
    }).catch(({ code }) => expect(code).toBe('TIMEOUT')),
  );
  expect(ownMs).toBeLessThan(5200 + 200);
  expect(at.stats().inUse).toBe(0);
  at.proxy.mode = 'pass';
  const freed = await at.settled();
  tell(
    `TIMEOUT after ${seconds(ownMs)}; the server’s session ended ${seconds(freed)} after the network was back`,
  );
});

row(6, 'healed after packets were dropped for 10 s', 'first success ≤ 5 s, no restart', async (tell) => {
  await at.warm();
  at.proxy.mode = 'black hole';
  await Promise.all([askMany(at.server, azure, 100), delay(10_000)]);
  at.proxy.mode = 'pass';
  const healed = await untilOk(at.server, azure);
  expect(healed).toBeLessThan(5000);
  const all = await at.settled();
  expect(tally(await askMany(at.server, azure, 100))).toBe('ok 100');
  tell(`first success ${seconds(healed)}, all slots free ${seconds(healed + all)} after`);
});
