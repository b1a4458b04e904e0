import { connect } from 'node:net';

/**
 * The version in the first packet of a MySQL server: three bytes of length, one of sequence, protocol 10,
 * then text up to a zero. Null for an error packet or for anything else.
 * Source: MySQL manual, "Protocol::HandshakeV10".
 */
export function parseGreeting(packet: Buffer): string | null {
  if (packet[4] !== 10) return null;
  const end = packet.indexOf(0, 5);
  if (end < 0) return null;
  // MariaDB puts a version before its own, for old replicas.
  return packet.toString('latin1', 5, end).replace(/^5\.5\.5-/, '');
}

/** The version a server greets with, or null when nothing that speaks MySQL answers in time. */
export function readGreeting(port: number, timeoutMs = 2_000): Promise<string | null> {
  return new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    const finish = (version: string | null) => {
      socket.destroy();
      done(version);
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
