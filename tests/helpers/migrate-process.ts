import 'reflect-metadata';
import { migrate } from '../../src/migrator/run-migrations.ts';

/** Migrates one database from a process of its own, which a test may kill; the request stands in the environment, as JSON. */
const { target, request } = JSON.parse(process.env.MIGRATE_REQUEST ?? '{}');
const results = await migrate([target], request, {
  statement: (_source, _name, done) => process.stderr.write(`done ${done}\n`),
});
process.stdout.write(JSON.stringify(results));
