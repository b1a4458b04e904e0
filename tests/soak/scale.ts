// Throughput of one process, of two, of two machines that share the connections, and with a replica: `npm run scale`
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { migrateUp } from '../../src/migrator/up.ts';
import { seed } from '../../src/seeders/seed.ts';
import { openSource } from '../../src/sources/source.ts';
import { passwordOf } from '../helpers/driver.ts';
import { makeNetwork, noNamespaces } from '../helpers/namespaces.ts';
import { startReplicated, untilCaughtUp } from '../helpers/replicated-servers.ts';
import { startLoad } from '../helpers/send-load.ts';

const help = `npm run scale -- [--rounds 3] [--seconds 8] [--clients 32]

Requests a second of 20 patients with their records, by median of the rounds, and as ratio to one process. Clients, servers and
MySQL share this machine. It takes about rounds × 4 × (seconds + 10) seconds.
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    clients: { type: 'string', default: '32' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit();
}
const [rounds, seconds, clients] = [values.rounds, values.seconds, values.clients].map(Number) as [
  number,
  number,
  number,
];

const limits = {
  max: 20,
  min: 0,
  queueMax: 1000,
  connectTimeoutMs: 10_000,
  acquireTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  maxLifetimeMs: 1_800_000,
  validateAfterMs: 1000,
  statementTimeoutMs: 5000,
  transactionTimeoutMs: 15_000,
};
const query =
  '{ patients(source: AZURE, first: 20) { nodes { key lastName records { nodes { key diagnosis } } } } }';

const missing = await noNamespaces();
await using network = missing === undefined ? await makeNetwork(2) : undefined;
const address = network?.address ?? '127.0.0.1';
await using servers = await startReplicated(1, [`--bind-address=127.0.0.1${network ? `,${address}` : ''}`]);
const { primary } = servers;
const [replica] = servers.replicas;
if (replica === undefined) throw new Error('There is no replica.');
await migrateUp('AZURE', primary.config, limits);
{
  await using source = await openSource('AZURE', primary.config, limits);
  await seed(source, 2000);
}
await untilCaughtUp(servers, replica);

const settings = Object.fromEntries(
  ['AZURE', 'GCP'].flatMap((name) =>
    Object.entries({
      HOST: address,
      PORT: String(primary.port),
      NAME: primary.config.name,
      USER: primary.config.runtime.user,
      PASSWORD: passwordOf(primary.config.runtime),
      SSL_CA: primary.files.ca,
      SSL_MODE: 'VERIFY_CA',
    }).map(([key, value]) => [`${name}_DB_${key}`, value]),
  ),
);
const common = { ...settings, AUTH: 'none', LOG_LEVEL: 'info', POOL_ACQUIRE_TIMEOUT_MS: '10000' };

interface Serving extends AsyncDisposable {
  readonly url: string;
}

/** `tandem serve`, with no setting but these. */
async function startServing(own: Record<string, string>, under: readonly string[] = []): Promise<Serving> {
  const { PATH, HOME } = process.env;
  const [file = '', ...rest] = [...under, process.execPath, '--import', 'tsx', 'src/cli.ts', 'serve'];
  const env = { PATH, HOME, PORT: '0', ...own };
  const child = spawn(file, rest, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const entry = JSON.parse(line);
      if (typeof entry.url === 'string') resolve(new URL(entry.url).origin);
    });
    void ended.then(([code]) => reject(new Error(`tandem serve ended with ${code}`)));
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** What begins a process on a machine of its own. */
const on = (number: number) => {
  const machine = network?.machines[number];
  return {
    own: machine && { HOST: machine.address, ALLOWED_HOSTS: machine.address, PORT: '4000' },
    under: machine?.under ?? [],
  };
};
const kinds: Readonly<Record<string, () => Promise<Serving[]>>> = {
  'one process': async () => [await startServing(common)],
  'two processes': async () => [await startServing({ ...common, WEB_CONCURRENCY: '2' })],
  'two machines': () =>
    Promise.all(
      [0, 1].map((number) => {
        const { own, under } = on(number);
        return startServing({ ...common, POOL_SHARED: 'on', ...own }, under);
      }),
    ),
  'one process, a replica': async () => [
    await startServing({ ...common, AZURE_DB_REPLICA_HOSTS: `${address}:${replica.port}` }),
  ],
};

async function measure(start: () => Promise<Serving[]>): Promise<number> {
  const serving = await start();
  const loads = serving.map(({ url }) => startLoad(url, query, clients / serving.length));
  const count = () => loads.reduce((sum, { sent }) => sum + sent.length, 0);
  await delay(4000);
  const [from, begun] = [count(), performance.now()];
  await delay(seconds * 1000);
  const perSecond = ((count() - from) * 1000) / (performance.now() - begun);
  await Promise.all(loads.map((load) => load.stop()));
  const wrong = loads.flatMap(({ sent }) => sent.filter(({ status }) => status !== 200));
  if (wrong.length > 0) throw new Error(`${wrong.length} requests failed: ${JSON.stringify(wrong[0])}`);
  await Promise.all(serving.map((one) => one[Symbol.asyncDispose]()));
  return perSecond;
}

const results = new Map<string, number[]>(Object.keys(kinds).map((name) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const [name, start] of Object.entries(kinds)) results.get(name)?.push(await measure(start));
}
const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
const one = results.get('one process') ?? [];
if (missing !== undefined)
  process.stdout.write(`No namespaces here (${missing}): both processes are on one machine.\n`);
for (const [name, each] of results) {
  // Of each round, since a slow phase of the machine slows all of it.
  const ratio = median(each.map((value, round) => value / (one[round] ?? value)));
  process.stdout.write(
    `${name.padEnd(24)}${median(each).toFixed(0).padStart(6)} requests a second, ${ratio.toFixed(2)} times one process\n`,
  );
}
