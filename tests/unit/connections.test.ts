import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/log/log.ts';
import {
  type ConnectionLimits,
  type Connections,
  watchConnections,
} from '../../src/server/client-connections.ts';
import { drainable } from '../../src/server/drain.ts';
import { createHttp } from '../../src/server/fastify.ts';
import { hostCheck } from '../../src/util/hosts.ts';

interface Listening extends AsyncDisposable {
  readonly server: Server;
  readonly connections: Connections;
  readonly port: number;
  readonly log: readonly string[];
  /** Requests that have no answer yet. */
  readonly held: (() => void)[];
  /** Requests that were read. */
  readonly paths: string[];
}

/** Answers `/big` with 30 MB, `/held` when the test says so, and everything else at once. */
async function listen(limits: ConnectionLimits): Promise<Listening> {
  const big = Buffer.alloc(30 * 2 ** 20, 'x');
  const held: (() => void)[] = [];
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    if (request.url === '/held') held.push(() => response.end('held'));
    else response.end(request.url === '/big' ? big : 'small');
  });
  server.keepAliveTimeout = 60_000;
  const log: string[] = [];
  const logger = createLog({ level: 'info' }, { write: (line) => void log.push(line) });
  const connections = watchConnections(server, logger, { everyMs: 50, ...limits });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    server,
    connections,
    port,
    log,
    held,
    paths,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      for (const socket of connections.open()) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const head = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

/** A client that sends a request and reads nothing. */
function send(port: number, path: string): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.pause().write(head(path));
  return socket;
}

async function until(holds: () => boolean, ms = 15_000): Promise<void> {
  for (const end = Date.now() + ms; !holds(); await delay(10))
    if (Date.now() > end) throw new Error('not in time');
}

describe('a client that takes nothing of its answer', () => {
  it('is cut off, and one that reads has its answer whole', async () => {
    await using listening = await listen({ stalledMs: 500 });
    const { port, connections, log } = listening;
    const reading = buffer(
      connect(port, '127.0.0.1').end(head('/big').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')),
    );
    for (let n = 0; n < 5; n++) send(port, '/big');
    expect((await reading).length).toBeGreaterThan(30 * 2 ** 20);
    await until(() => connections.taken() === 6 && connections.count() === 0);
    await until(() => log.some((line) => line.includes('"stalled"')));
  });

  it('is cut off, too, where it takes a byte now and then', async () => {
    await using listening = await listen({ stalledMs: 500 });
    const { port, connections } = listening;
    const socket = send(port, '/big');
    await until(() => connections.count() === 1);
    const trickle = setInterval(() => socket.read(1), 50);
    await until(() => connections.count() === 0);
    clearInterval(trickle);
    socket.destroy();
  });

  it('is cut off earlier where many hold a lot of memory', async () => {
    await using listening = await listen({ stalledMs: 600_000, mostUnsent: 70 * 2 ** 20 });
    const { port, connections } = listening;
    for (let n = 0; n < 5; n++) send(port, '/big');
    await until(() => connections.taken() === 5 && connections.count() <= 2);
    await delay(300);
    expect(connections.count()).toBe(2);
  });

  it('does not keep a server that stops', async () => {
    const { server, connections, port } = await listen({ stalledMs: 600_000, everyMs: 1000 });
    send(port, '/big');
    await until(() => connections.count() === 1);
    const started = performance.now();
    const abandoned = await drainable(server, connections).run({
      delayMs: 0,
      answerMs: 20_000,
      refuse: true,
    });
    expect(abandoned).toBe(0);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('where there are as many connections as may be', () => {
  it('a new one takes the place of the one that was idle for the longest', async () => {
    await using listening = await listen({ most: 3 });
    const { port, connections, held } = listening;
    const closed: string[] = [];
    const open = (name: string, path: string) =>
      send(port, path)
        .resume()
        .on('close', () => closed.push(name));
    open('busy', '/held');
    await until(() => held.length === 1);
    open('idle', '/small');
    await until(() => connections.count() === 2);
    await delay(200);
    const later = open('later', '/small');
    await until(() => connections.count() === 3);
    const beat = setInterval(() => later.write(head('/small')), 20);
    await delay(200);
    open('newest', '/small');
    await until(() => closed.length > 0);
    clearInterval(beat);
    expect(closed).toEqual(['idle']);
    expect(connections.count()).toBe(3);
  });

  it('a new one is refused with 503 where all have requests in hand, and nothing that it sends is run', async () => {
    await using listening = await listen({ most: 2 });
    const { port, held, paths } = listening;
    const sent = [send(port, '/held'), send(port, '/held')];
    await until(() => held.length === 2);
    const answer = (await buffer(connect(port, '127.0.0.1').end(head('/unwanted')))).toString();
    expect(answer).toMatch(/^HTTP\/1\.1 503 .*connection: close.*"code":"TOO_MANY_CONNECTIONS"/s);
    expect(paths).not.toContain('/unwanted');
    for (const release of held) release();
    await until(() => listening.connections.count() === 2);
    for (const socket of sent) socket.destroy();
  });
});

describe('a client that does not send its request to its end', () => {
  it('is cut off, whether it sends nothing, its head slowly, or its body slowly', async () => {
    const http = createHttp(createLog({ level: 'silent' }), hostCheck([]));
    http.post('/body', async () => 'read');
    const url = await http.listen({ host: '127.0.0.1', port: 0 });
    const port = Number(new URL(url).port);
    expect([http.server.headersTimeout, http.server.requestTimeout]).toEqual([10_000, 30_000]);
    // Node reads both whenever it looks, which it does every 5 s: the test need not wait as long as a client may.
    Object.assign(http.server, { headersTimeout: 1000, requestTimeout: 2000 });
    const slow = (text: string) => {
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      socket.write(text);
      const drip = setInterval(() => text !== '' && socket.write('x'), 500);
      return buffer(socket).then((answer) => {
        clearInterval(drip);
        return answer.toString().split('\r\n', 1)[0];
      }, String);
    };
    const body =
      'POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"';
    const answers = await Promise.all([slow(''), slow('GET / HTTP/1.1\r\nX-Slow: '), slow(body)]);
    expect(answers).toEqual([
      expect.anything(),
      'HTTP/1.1 408 Request Timeout',
      'HTTP/1.1 408 Request Timeout',
    ]);
    await http.close();
  });
});
