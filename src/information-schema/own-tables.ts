/** MikroORM's own table of what ran. */
export const historyTable = 'mikro_orm_migrations';

/** The record of `tandem migrate` beyond that: checksums, statements done, by whom. */
export const journalTable = 'tandem_migration_journal';

/** The record of `tandem parity`: its runs, the findings of each about each table, and the rows that repairs wrote. */
export const parityTables = {
  runs: 'tandem_parity_run',
  tables: 'tandem_parity_table',
  repairs: 'tandem_parity_repair',
} as const;

/** The audit trail: what was written, and the seals over it. They stand in a database of their own. */
export const auditTables = { writes: 'tandem_audit_write', seals: 'tandem_audit_seal' } as const;

/** Tables that belong to Tandem itself and to no entity: comparisons leave them out. */
export const ownTables: readonly string[] = [
  historyTable,
  journalTable,
  ...Object.values(parityTables),
  ...Object.values(auditTables),
];

/** The prefix of the names of scratch tables, in which a server renders the entities. */
export const renderedPrefix = 'tandem_entities_';

/** Whether a table is one of those: there while a comparison runs, or left behind by one that was killed. */
export function isRendered(table: string): boolean {
  return /^tandem_entities_[0-9a-f]{12}_\d+$/i.test(table);
}
