import { connect, type Socket } from 'node:net';

/** What came back; `body` is a view that holds only until the next answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * One keep-alive HTTP connection that asks one thing at a time. Written by hand, on a bare socket: a client of
 * the usual kind costs more CPU a request than the fastest contestant does.
 */
export class Connection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #waiting: { resolve(answer: HttpAnswer): void; reject(error: Error): void } | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Connection(socket));
      });
    });
  }

  send(request: Buffer): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const answer = parseAnswer(this.#received);
    if (answer === null) return;
    this.#received = Buffer.alloc(0);
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(answer);
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}

interface EncodedRequest {
  readonly path: string;
  readonly body: string;
  readonly token?: string | undefined;
}

/** A POST of JSON, ready to be written to a socket. */
export function encodeRequest({ path, body, token }: EncodedRequest): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/json',
    'accept: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** A whole answer, or null while some of it is missing. */
function parseAnswer(received: Buffer): HttpAnswer | null {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const head = received.toString('latin1', 0, headEnd);
  const status = Number(head.slice(9, 12));
  const start = headEnd + 4;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (length !== null) {
    const end = start + Number(length[1]);
    return received.length < end ? null : { status, body: received.subarray(start, end) };
  }
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return parseChunks(received, start, status);
  throw new Error(`an answer of unknown length: ${head}`);
}

function parseChunks(received: Buffer, start: number, status: number): HttpAnswer | null {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = received.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(received.toString('latin1', at, lineEnd), 16);
    const from = lineEnd + 2;
    if (received.length < from + size + 2) return null;
    if (size === 0)
      return { status, body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) };
    chunks.push(received.subarray(from, from + size));
    at = from + size + 2;
  }
}
