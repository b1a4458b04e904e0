import { createServer } from 'node:net';
import type { SourceName } from '../source-name.ts';

/** Where each server listens when the port is free. */
export const PREFERRED_PORTS: Record<SourceName, number> = { AZURE: 3307, GCP: 3308 };

/** The first of the wanted ports that is free and not avoided, or any free one. */
export async function choosePort(
  wanted: readonly number[],
  avoid: ReadonlySet<number>,
  isFree: (port: number) => Promise<boolean> = isPortFree,
  anyFree: () => Promise<number> = anyFreePort,
): Promise<number> {
  for (const port of wanted) {
    if (!avoid.has(port) && (await isFree(port))) return port;
  }
  for (;;) {
    const port = await anyFree();
    if (!avoid.has(port)) return port;
  }
}

async function isPortFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== null;
}

async function anyFreePort(): Promise<number> {
  const port = await listenOnce(0);
  if (port === null) throw new Error('No free port on 127.0.0.1; close some programs and try again');
  return port;
}

function listenOnce(port: number): Promise<number | null> {
  return new Promise((done) => {
    const server = createServer();
    server.on('error', () => done(null));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      const got = typeof address === 'object' && address ? address.port : null;
      server.close(() => done(got));
    });
  });
}
