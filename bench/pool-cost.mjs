// A process of its own: the same prepared reads through Tandem's pool, as it is built, and through mysql2's, by turns.
// Prints the CPU of each round as JSON. Plain JavaScript, since a loader would add to what is measured.
import process from 'node:process';
import { createPool } from 'mysql2';
import { loadConfig } from '../dist/src/config/config.js';
import { tlsOptions } from '../dist/src/sources/pool/open-connection.js';
import { openSource } from '../dist/src/sources/source.js';

const [rounds, seconds, patients] = process.argv.slice(2).map(Number);
// Both together stay below what the account may have.
const connections = 9;
const config = loadConfig(process.env, '/nonexistent');
const database = config.databases.AZURE;
const source = await openSource('AZURE', database, { ...config.pool, max: connections + 1 });
const driver = createPool({
  host: database.host,
  port: database.port,
  ...database.runtime,
  database: database.name,
  connectionLimit: connections,
  charset: 'utf8mb4',
  timezone: 'Z',
  supportBigNumbers: true,
  dateStrings: true,
  ssl: tlsOptions(database),
});
const columns = 'id, first_name, last_name, date_of_birth, gender';
const reads = {
  'one row by key': `select ${columns} from patients where id = ?`,
  '20 rows from a key on': `select ${columns} from patients where id > ? order by id limit 20`,
};
const pools = {
  tandem: (sql, key) => source.arrays({ sql, params: [key] }),
  mysql2: (sql, key) =>
    new Promise((resolve, reject) => {
      driver.execute({ sql, values: [key], rowsAsArray: true }, (error, rows) =>
        error ? reject(error) : resolve(rows),
      );
    }),
};

/** Microseconds of CPU a read. */
async function round(read, sql) {
  const before = process.cpuUsage();
  const end = performance.now() + seconds * 1000;
  let count = 0;
  const callers = Array.from({ length: connections }, async () => {
    while (performance.now() < end) {
      await read(sql, 1 + Math.floor(Math.random() * (patients - 20)));
      count += 1;
    }
  });
  await Promise.all(callers);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

const results = {};
for (const [what, sql] of Object.entries(reads)) {
  const figures = { tandem: [], mysql2: [] };
  for (const name of Object.keys(pools)) await round(pools[name], sql);
  for (let at = 0; at < rounds; at++) {
    const order = at % 2 === 0 ? ['tandem', 'mysql2'] : ['mysql2', 'tandem'];
    for (const name of order) figures[name].push(await round(pools[name], sql));
  }
  results[what] = figures;
}
driver.end();
await source.close();
process.stdout.write(JSON.stringify(results));
