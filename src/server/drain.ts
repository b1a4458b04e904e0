import type { RequestListener, Server, ServerResponse } from 'node:http';
import { Server as Listener, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { answerHeaders } from '../util/security-headers.ts';
import { answerOn, type Connections } from './client-connections.ts';
import { answer } from './refuse.ts';

export interface DrainOptions {
  /** Milliseconds for which the server still answers everything, so that load balancers notice. */
  readonly delayMs: number;
  /** Milliseconds from then on in which it answers requests in flight. */
  readonly answerMs: number;
  /**
   * Whether the whole server goes, and not one of its processes: `/readyz` says 503 at once, and what comes on open
   * connections after the delay is refused with SHUTTING_DOWN.
   */
  readonly refuse: boolean;
}

/** How an HTTP server goes out of service without failing a request that it took. */
export interface Drain {
  /** Requests that wait for their answers now. */
  inFlight(): number;
  /**
   * Goes out of service: answers end their connections from now on, the listener closes after the delay, and what
   * is in flight has its answer.
   *
   * @returns the number of requests without an answer in time; it has closed their connections
   */
  run(options: DrainOptions): Promise<number>;
}

/**
 * Milliseconds for which a connection without a request stays open after the listener has closed. HTTP/1.1 cannot
 * tell an idle client that its connection ends: a request that is on its way would meet a reset. One that keeps
 * sending has sent one by then, and its answer has `connection: close`.
 */
const quietMs = 500;

/** Milliseconds in which, as a rule, all processes of a server have begun to refuse. */
const agreeMs = 100;

/** Milliseconds at most in which the server accepts connections from before the signal. */
const backlogMs = 1000;

/** Milliseconds for which a client may leave its answer unread, since it keeps the process from its end. */
const unreadMs = 2000;

/**
 * Makes a server drainable. It works on Node's server, below any framework, and costs requests nothing: only
 * connections are counted, and the handlers are exchanged when draining begins.
 */
export function drainable(server: Server, connections: Connections): Drain {
  const answering = () => [...connections.open()].flatMap((socket) => answerOn(socket) ?? []);

  return {
    inFlight: () => answering().length,
    async run({ delayMs, answerMs, refuse }) {
      const serve = server.listeners('request') as RequestListener[];
      let closing = false;
      server.removeAllListeners('request').on('request', (request, response) => {
        response.shouldKeepAlive = false;
        const path = request.url?.split('?', 1)[0];
        if (refuse && path === '/readyz') sayStopping(response);
        else if (refuse && closing && path !== '/livez') refuseNew(response);
        else for (const listener of serve) listener.call(server, request, response);
      });
      // A response that is being written ends its connection too, where its head is not sent yet.
      for (const response of answering()) if (!response.headersSent) response.shouldKeepAlive = false;
      if (delayMs > 0) await delay(delayMs);

      const begun = performance.now();
      // The server may not have read requests from before the signal yet. And several processes with one listener do not
      // begin at the same moment, and it is there until the last of them closes it: none passes a connection to a process that is gone.
      await delay(Math.min(agreeMs, answerMs / 4));
      // Node takes one connection a turn of its event loop and reads it in the next: a burst waits for many turns.
      const { taken } = connections;
      for (
        let known = -1;
        taken() > known && performance.now() - begun < Math.min(backlogMs, answerMs / 4);
      ) {
        known = taken();
        for (let turn = 0; turn < 2; turn++) await nextTurn();
      }
      closing = true;
      // Not http.Server's own close(), which ends idle connections at once.
      Listener.prototype.close.call(server);

      while (connections.count() > 0) {
        await delay(10);
        const sinceMs = performance.now() - begun;
        for (const socket of connections.open()) if (isUnread(socket, connections)) socket.destroy();
        if (sinceMs >= answerMs) break;
        if (sinceMs < Math.min(quietMs, answerMs)) continue;
        for (const socket of connections.open()) if (answerOn(socket) === undefined) socket.destroy();
      }
      const abandoned = answering().length;
      for (const socket of connections.open()) socket.destroy();
      return abandoned;
    },
  };
}

/** Whether the server has written all of the answer and the client takes none of it. */
function isUnread(socket: Socket, connections: Connections): boolean {
  return answerOn(socket)?.writableEnded === true && connections.stalledMs(socket) >= unreadMs;
}

function sayStopping(response: ServerResponse): void {
  send(response, { status: 'stopping' });
}

function refuseNew(response: ServerResponse): void {
  response.setHeader('retry-after', '1');
  send(response, answer('SHUTTING_DOWN'));
}

function send(response: ServerResponse, body: object): void {
  response.writeHead(503, {
    'content-type': 'application/json; charset=utf-8',
    ...answerHeaders,
  });
  response.end(JSON.stringify(body));
}
