import type { Source } from '../../src/sources/source.ts';

/** The parts of mysql2's connection and pool that recording needs. */
interface Connection {
  addCommand(command: { sql?: unknown }): unknown;
  recorded?: string[];
}
interface Pool {
  on(event: 'acquire', listener: (connection: Connection) => void): void;
  off(event: 'acquire', listener: (connection: Connection) => void): void;
}

/**
 * The SQL of every statement that a source sends while `work` runs, as it goes over the wire: recorded below
 * the ORM, on the driver's own connections.
 */
export async function statementsOf(source: Source, work: () => Promise<unknown>): Promise<string[]> {
  const recorded: string[] = [];
  const pool = (await source.orm.em.getConnection().getNativeClient()) as unknown as Pool;
  const record = (connection: Connection) => {
    const patched = connection.recorded !== undefined;
    connection.recorded = recorded;
    if (patched) return;
    const send = connection.addCommand;
    connection.addCommand = function (this: Connection, command) {
      // Preparing happens once a connection; what counts is what runs.
      const runs = command.sql !== undefined && command.constructor.name !== 'Prepare';
      if (runs) this.recorded?.push(String(command.sql));
      return send.call(this, command);
    };
  };
  pool.on('acquire', record);
  try {
    await work();
  } finally {
    pool.off('acquire', record);
  }
  return recorded;
}
