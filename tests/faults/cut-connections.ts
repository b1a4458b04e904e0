// A process of its own, since what it looks for ends one: connections are cut at any moment, by us and by the network.
// Prints how many there were.
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '../../src/config/config.ts';
import { connector, type OpenConnection } from '../../src/sources/pool/open-connection.ts';
import { passwordsOf } from '../../src/sources/pool/passwords.ts';
import { startProxy } from '../helpers/tcp-proxy.ts';

const { AZURE } = loadConfig().databases;
const until = performance.now() + Number(process.argv[2]) * 1000;
const proxy = await startProxy(AZURE.port);
const connect = connector({ ...AZURE, port: proxy.port }, AZURE.runtime, passwordsOf(AZURE.runtime, 3000));
let count = 0;

async function cutOne(): Promise<void> {
  // Half of them in the middle of TCP, TLS or login.
  const timeoutMs = Math.random() < 0.5 ? 3000 : Math.random() * 40;
  const link = await new Promise<OpenConnection | undefined>((resolve) => {
    connect({ timeoutMs })((error, opened) => resolve(error === null ? opened : undefined));
  });
  count += 1;
  if (link === undefined) return delay(1);
  link.connection.on('error', () => {});
  const size = Math.floor(Math.random() * 200_000);
  const answered = new Promise((resolve) => {
    link.connection.query(`select repeat('x', ${size})`, resolve);
    setTimeout(resolve, 100);
  });
  const when = Math.random();
  if (when > 0.5) await answered;
  else if (when > 0.25) await delay(Math.random() * 5);
  link.cut();
}

async function disturb(): Promise<void> {
  await delay(Math.random() * 60);
  proxy.reset();
  if (Math.random() > 0.1) return;
  proxy.mode = 'black hole';
  await delay(Math.random() * 60);
  proxy.mode = 'pass';
}

const again = async (work: () => Promise<void>) => {
  while (performance.now() < until) await work();
};
await Promise.all([again(disturb), ...Array.from({ length: 14 }, () => again(cutOne))]);
process.stdout.write(String(count));
process.exit();
