import { connect } from 'node:net';

/** A server's first packet; a server with all its sessions taken sends an error instead of its version. */
export interface Greeting {
  version: string | null;
}

/**
 * The version in the first packet of a MySQL server: three bytes of length, one of sequence, protocol 10,
 * then text up to a zero. An error packet, as from a full server, has no version but is alive. Null for anything else.
 * Source: MySQL manual, "Protocol::HandshakeV10".
 */
export function parseGreeting(packet: Buffer): Greeting | null {
  if (packet[4] === 0xff) return { version: null };
  const end = packet.indexOf(0, 5);
  if (packet[4] !== 10 || end < 0) return null;
  return { version: packet.toString('latin1', 5, end) };
}

/** How a server greets, or null when nothing that speaks MySQL answers in time. */
export function readGreeting(port: number, timeoutMs = 2_000): Promise<Greeting | null> {
  return new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    const finish = (greeting: Greeting | null) => {
      socket.destroy();
      done(greeting);
    };
    let received = Buffer.alloc(0);
    socket.setTimeout(timeoutMs, () => finish(null));
    socket.on('error', () => finish(null));
    socket.on('close', () => done(null));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length > 4 && received.length >= received.readUIntLE(0, 3) + 4)
        finish(parseGreeting(received));
    });
  });
}
