import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { migrate } from '../../src/migrator/run-migrations.ts';
import { migrationStatusOf } from '../../src/migrator/status.ts';
import { createDatabases, pool } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { migrationFolder } from '../helpers/migration-folder.ts';
import { built } from '../helpers/run-command-line.ts';
import { row, seconds, timed } from './row.ts';

row(
  25,
  'two migrators at once, and one that is killed half-way',
  'one applies, the other says who has the lock; the next one goes on',
  async (tell) => {
    await using databases = await createDatabases({ migrated: false });
    await using folder = await migrationFolder({
      M1: {
        up: [
          'create table one (id int)',
          'do get_lock(concat(database(), "_row"), 60)',
          'create table two (id int)',
        ],
      },
    });
    const database = databases.config.databases.AZURE;
    const target = { source: 'AZURE', database, pool, folder: folder.path } as const;
    const connection = await connect(database, database.migrator);
    let child: ChildProcess | undefined;
    try {
      await connection.query('select get_lock(concat(database(), "_row"), 0)');
      const env = {
        ...process.env,
        MIGRATE_REQUEST: JSON.stringify({ target, request: { direction: 'up', lockTimeout: 5 } }),
      };
      child = spawn(process.execPath, [built('tests/helpers/migrate-process.ts')], { env, stdio: 'ignore' });
      const state = async () => (await migrationStatusOf(target)).migrations[0];
      for (let tries = 0; (await state())?.journal?.done !== 1; tries++) {
        expect(tries).toBeLessThan(500);
        await delay(20);
      }
      const [other] = await migrate([target], { direction: 'up', lockTimeout: 0 });
      expect(other?.problem).toMatchObject({ kind: 'LOCKED' });
      child.kill('SIGKILL');
      // MySQL takes its time to notice that it is gone.
      await expect.poll(state, { timeout: 10_000 }).toMatchObject({ state: 'INTERRUPTED' });
      await connection.query('select release_lock(concat(database(), "_row"))');
      const { value, ms } = await timed(() => migrate([target], { direction: 'up', lockTimeout: 30 }));
      expect(value).toMatchObject([{ ok: true, steps: [{ resumedAfter: 1 }] }]);
      tell(
        `the other named connection ${other?.problem?.holder?.connection}; after kill -9 behind statement 1 of 3, the next applied the rest in ${seconds(ms)}`,
      );
    } finally {
      child?.kill('SIGKILL');
      await connection.end();
    }
  },
);
