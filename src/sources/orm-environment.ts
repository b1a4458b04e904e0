import { LoadStrategy } from '@mikro-orm/mysql';
import { historyTable } from '../information-schema/own-tables.ts';

/** MikroORM works the default out; what is undefined still stands before the environment. */
const workedOut = undefined as never;

/**
 * The options that MikroORM would take from the environment, at its defaults.
 * https://mikro-orm.io/docs/configuration#using-environment-variables
 */
export const notFromEnvironment = {
  baseDir: workedOut,
  entitiesTs: workedOut,
  clientUrl: workedOut,
  schema: workedOut,
  loadStrategy: LoadStrategy.BALANCED,
  batchSize: 300,
  useBatchInserts: true,
  useBatchUpdates: true,
  allowGlobalContext: false,
  autoJoinOneToOneOwner: true,
  populateAfterFlush: true,
  forceEntityConstructor: false,
  forceUndefined: false,
  forceUtcTimezone: true,
  timezone: workedOut,
  ensureIndexes: false,
  implicitTransactions: workedOut,
  // It logs every statement with its values.
  debug: false,
  colors: true,
  discovery: {
    warnWhenNoEntities: true,
    checkDuplicateTableNames: true,
    checkDuplicateFieldNames: true,
    checkNonPersistentCompositeProps: true,
    inferDefaultValues: true,
    tsConfigPath: workedOut,
  },
  migrations: {
    tableName: historyTable,
    pathTs: workedOut,
    glob: '!(*.d).{js,ts,cjs}',
    disableForeignKeys: workedOut,
    allOrNothing: true,
    dropTables: true,
    safe: false,
    silent: false,
    snapshot: true,
  },
  schemaGenerator: {
    disableForeignKeys: workedOut,
    createForeignKeyConstraints: true,
    ignoreTriggers: false,
    ignoreRoutines: false,
    ignorePolicies: false,
  },
  seeder: {
    path: workedOut,
    pathTs: workedOut,
    glob: '!(*.d).{js,ts}',
    emit: 'ts' as const,
    defaultSeeder: 'DatabaseSeeder',
  },
};
