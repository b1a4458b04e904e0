/** What asks the catalogue: an entity manager, or what passes its statements on. */
export interface CatalogueConnection {
  execute<T>(sql: string): Promise<T>;
}
