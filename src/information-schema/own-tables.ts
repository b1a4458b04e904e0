/** MikroORM's own table of what ran. */
export const historyTable = 'mikro_orm_migrations';

/** What `tandem migrate` knows beyond that: checksums, statements done, by whom. */
export const journalTable = 'tandem_migration_journal';

/** Tables that belong to migrating itself and to no entity: comparisons of schemas leave them out. */
export const ownTables: readonly string[] = [historyTable, journalTable];

/** What the name of a scratch table begins with in which a server renders the entities. */
export const renderedPrefix = 'tandem_entities_';

/** Whether a table is one of those: there while a comparison runs, or left behind by one that was killed. */
export function isRendered(table: string): boolean {
  return /^tandem_entities_[0-9a-f]{12}_\d+$/i.test(table);
}
