import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as a collector gets it. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first one of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  /** 2 is a server's, 3 a client's. */
  readonly kind: number;
  readonly nanoseconds: bigint;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Whether its status is "error". */
  readonly failed: boolean;
}

/** Stands in for an OpenTelemetry collector, which takes OTLP over HTTP. */
export interface Collector extends AsyncDisposable {
  readonly url: string;
  readonly spans: readonly Span[];
  /** What each request carried: its headers, and its body as text to search. */
  readonly requests: readonly { readonly headers: NodeJS.Dict<string | string[]>; readonly body: string }[];
}

export async function startCollector(): Promise<Collector> {
  const spans: Span[] = [];
  const requests: { headers: NodeJS.Dict<string | string[]>; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (request.url !== '/v1/traces' || request.headers['content-type'] !== 'application/x-protobuf') {
      response.writeHead(404).end();
      return;
    }
    requests.push({ headers: request.headers, body: body.toString('latin1') });
    spans.push(...spansIn(body));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

// Numbers of fields: https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
function spansIn(request: Buffer): Span[] {
  return all(request, 1)
    .flatMap((resourceSpans) => all(resourceSpans, 2))
    .flatMap((scopeSpans) => all(scopeSpans, 2))
    .map((span) => ({
      traceId: bytes(span, 1).toString('hex'),
      spanId: bytes(span, 2).toString('hex'),
      parentSpanId: bytes(span, 4).toString('hex'),
      name: bytes(span, 5).toString(),
      kind: Number(fields(span).find(({ number }) => number === 6)?.value ?? 0),
      nanoseconds: bytes(span, 8).readBigUInt64LE() - bytes(span, 7).readBigUInt64LE(),
      attributes: Object.fromEntries(all(span, 9).map(attribute)),
      failed: all(span, 15).some((status) =>
        fields(status).some(({ number, value }) => number === 3 && value === 2n),
      ),
    }));
}

function attribute(pair: Buffer): [string, string | number] {
  const [value] = fields(bytes(pair, 2));
  return [
    bytes(pair, 1).toString(),
    typeof value?.value === 'bigint' ? Number(value.value) : String(value?.value),
  ];
}

const all = (message: Buffer, number: number): Buffer[] =>
  fields(message).flatMap((field) =>
    field.number === number && Buffer.isBuffer(field.value) ? [field.value] : [],
  );

const bytes = (message: Buffer, number: number): Buffer => all(message, number)[0] ?? Buffer.alloc(0);

interface Field {
  readonly number: number;
  readonly value: bigint | Buffer;
}

/** The fields of a message: https://protobuf.dev/programming-guides/encoding/ */
function fields(message: Buffer): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++] as number;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => {
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    const wireType = tag & 7;
    if (wireType === 0) found.push({ number, value: varint() });
    else found.push({ number, value: take(wireType === 1 ? 8 : wireType === 5 ? 4 : Number(varint())) });
  }
  return found;
}
