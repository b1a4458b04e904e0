import 'reflect-metadata';
import { loadConfig } from './src/config/config.ts';
import { sourceNames } from './src/source-name.ts';
import { ormOptions } from './src/sources/orm-options.ts';

const { databases, pool } = loadConfig();

/**
 * Read by the official CLI: `npx mikro-orm migration:up --contextName azure` (or gcp). It logs in with the
 * migrator account, which has the DDL privileges that the server's own account lacks.
 */
export default sourceNames.map((name) => ormOptions(name, databases[name], databases[name].migrator, pool));
