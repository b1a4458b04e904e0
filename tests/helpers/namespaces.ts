import { execFile } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ip = (...args: string[]) => run('ip', args);

/** A machine, as far as the network is concerned: a network namespace on one bridge with the others. */
export interface Machine {
  readonly address: string;
  /** What a command begins with that is to run on it. */
  readonly under: readonly string[];
  /** Pulls its cable, and puts it in again: packets are dropped in both directions. */
  plug(isIn: boolean): Promise<void>;
}

export interface Network extends AsyncDisposable {
  /** Where the machines find this one. */
  readonly address: string;
  readonly machines: readonly Machine[];
  /** Makes a port of 127.0.0.1 reachable for them; answers the port on `address`. */
  forward(port: number): Promise<number>;
}

/** Why namespaces cannot be made here; undefined where they can. It takes root and iproute2. */
export async function noNamespaces(): Promise<string | undefined> {
  const name = `tandem-try-${process.pid}`;
  try {
    await ip('netns', 'add', name);
    await ip('netns', 'del', name);
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}

/** Makes so many machines, and takes them away afterwards. */
export async function makeNetwork(count: number): Promise<Network> {
  const id = (process.pid % 4096).toString(36);
  const net = `10.${64 + (process.pid % 64)}.${(process.pid >> 6) % 256}`;
  const bridge = `tdm${id}`;
  const address = `${net}.1`;
  const namespaces: string[] = [];
  const servers: ReturnType<typeof createServer>[] = [];
  const dispose = async () => {
    for (const server of servers) server.close();
    for (const name of namespaces) await ip('netns', 'del', name).catch(() => {});
    await ip('link', 'del', bridge).catch(() => {});
  };
  try {
    await ip('link', 'add', bridge, 'type', 'bridge');
    await ip('addr', 'add', `${address}/24`, 'dev', bridge);
    await ip('link', 'set', bridge, 'up');
    const machines: Machine[] = [];
    for (let number = 0; number < count; number++) {
      const name = `tandem-${id}-${number}`;
      const [outer, inner] = [`t${id}o${number}`, `t${id}i${number}`];
      const own = `${net}.${10 + number}`;
      await ip('netns', 'add', name);
      namespaces.push(name);
      await ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', name);
      await ip('link', 'set', outer, 'master', bridge, 'up');
      await ip('-n', name, 'addr', 'add', `${own}/24`, 'dev', inner);
      await ip('-n', name, 'link', 'set', inner, 'up');
      await ip('-n', name, 'link', 'set', 'lo', 'up');
      machines.push({
        address: own,
        under: ['ip', 'netns', 'exec', name],
        plug: async (isIn) => void (await ip('link', 'set', outer, isIn ? 'up' : 'down')),
      });
    }
    return {
      address,
      machines,
      async forward(port) {
        const server = createServer((client) => {
          const upstream = connect(port, '127.0.0.1');
          client.pipe(upstream).pipe(client);
          for (const [one, other] of [[client, upstream] as const, [upstream, client] as const]) {
            one.on('error', () => {});
            one.on('close', () => other.destroy());
          }
        });
        servers.push(server);
        await new Promise<void>((resolve) => server.listen(0, address, resolve));
        server.unref();
        return (server.address() as { port: number }).port;
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
