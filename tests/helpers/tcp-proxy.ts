import { connect, createServer, type Server, type Socket } from 'node:net';

/** What a proxy does with what it is given. */
export type Mode =
  | 'pass'
  /** Takes connections and bytes, and forwards nothing, ends neither: as where packets are dropped. */
  | 'black hole'
  /** The server hears all, and nobody hears the server. */
  | 'answers lost';

/** A TCP proxy between Tandem and one server. Both ends are on 127.0.0.1. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** The port of the server to which new connections go. */
  to: number;
  /** Holds for connections that are open as for new ones. */
  mode: Mode;
  /** Milliseconds by which each packet is late, in each direction. */
  delayMs: number;
  /** Resets all connections, as a firewall does that has forgotten them. */
  reset(): void;
  /** Nobody listens any more, and what is open is reset. */
  refuse(): Promise<void>;
  listen(): Promise<void>;
  /** Connections that were taken so far. */
  readonly taken: number;
}

export async function startProxy(to: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [client: Socket, server: Socket]>();
  let taken = 0;
  let server: Server;

  const forward = (from: Socket, onto: Socket, lost: readonly Mode[]) => {
    from.on('data', (bytes) => {
      if (lost.includes(proxy.mode)) return;
      const write = () => onto.writable && onto.write(bytes);
      if (proxy.delayMs > 0) setTimeout(write, proxy.delayMs);
      else write();
    });
    // In a black hole the other end hears of no end; it stays open for ever.
    from.on('close', () => {
      if (!lost.includes(proxy.mode)) onto.destroy();
    });
    from.on('error', () => {});
  };

  const proxy = {
    port: 0,
    to,
    mode: 'pass' as Mode,
    delayMs: 0,
    get taken() {
      return taken;
    },
    reset() {
      for (const [client, upstream] of pairs) {
        client.resetAndDestroy();
        upstream.resetAndDestroy();
      }
      pairs.clear();
    },
    async refuse() {
      const closed = new Promise((resolve) => server.close(resolve));
      proxy.reset();
      await closed;
    },
    async listen() {
      server = createServer((client) => {
        taken += 1;
        if (proxy.mode === 'black hole') {
          client.on('error', () => {});
          return;
        }
        const upstream = connect(proxy.to, '127.0.0.1');
        pairs.add([client, upstream]);
        forward(client, upstream, ['black hole']);
        forward(upstream, client, ['black hole', 'answers lost']);
      });
      await new Promise<void>((resolve) => server.listen(proxy.port, '127.0.0.1', resolve));
      proxy.port = (server.address() as { port: number }).port;
    },
    async [Symbol.asyncDispose]() {
      for (const [client, upstream] of pairs) {
        client.destroy();
        upstream.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await proxy.listen();
  return proxy;
}
