/** The first thing that a server says. */
export type HandshakePacket =
  | { readonly version: string; readonly tls: boolean }
  | { readonly errno: number; readonly sqlMessage: string };

// https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html
const CLIENT_PROTOCOL_41 = 0x0200;
const CLIENT_SSL = 0x0800;
const CLIENT_SECURE_CONNECTION = 0x8000;

/**
 * Reads the first packet: three bytes of length, one of sequence, then protocol 10 or an error packet, as from a full
 * server. Undefined while bytes are missing, null where it is not MySQL's.
 * Source: MySQL's documentation of Protocol::HandshakeV10 and ERR_Packet.
 */
export function parseHandshake(received: Buffer): HandshakePacket | null | undefined {
  // MySQL has said at most a few hundred bytes here; others may start with any length.
  if (received.length >= 5 && received[4] !== 10 && received[4] !== 0xff) return null;
  if (received.length < 5 || received.length < 4 + received.readUIntLE(0, 3)) {
    return received.length > 4096 ? null : undefined;
  }
  const packet = received.subarray(4, 4 + received.readUIntLE(0, 3));
  if (packet[0] === 0xff) {
    if (packet.length < 3) return null;
    // Before the handshake there is no SQLSTATE in it, or one after '#'.
    const sqlMessage = packet.toString('utf8', 3).replace(/^#\w{5}/, '');
    return { errno: packet.readUInt16LE(1), sqlMessage };
  }
  const end = packet.indexOf(0, 1);
  // thread id 4, salt 8, filler 1, then the lower capabilities
  if (end < 0 || packet.length < end + 16) return null;
  const version = packet.toString('latin1', 1, end);
  return { version, tls: (packet.readUInt16LE(end + 14) & CLIENT_SSL) !== 0 };
}

/** Asks the server to go on in TLS. Source: MySQL's documentation of Protocol::SSLRequest. */
export function tlsRequest(): Buffer {
  const packet = Buffer.alloc(4 + 32);
  packet.writeUIntLE(32, 0, 3);
  packet.writeUInt8(1, 3); // the sequence goes on from the server's 0
  packet.writeUInt32LE(CLIENT_PROTOCOL_41 | CLIENT_SSL | CLIENT_SECURE_CONNECTION, 4);
  packet.writeUInt32LE(0xffffff, 8); // longest packet
  packet.writeUInt8(45, 12); // utf8mb4_general_ci
  return packet;
}
