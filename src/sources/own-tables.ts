/** MikroORM's own table of what ran. */
export const historyTable = 'mikro_orm_migrations';

/** What `tandem migrate` knows beyond that: checksums, statements done, by whom. */
export const journalTable = 'tandem_migration_journal';

/** Tables that belong to migrating itself and to no entity: whoever compares schemas leaves them out. */
export const ownTables: readonly string[] = [historyTable, journalTable];
