/** A connection to the catalogue: an entity manager, or an object that passes its statements on. */
export interface CatalogueConnection {
  execute<T>(sql: string): Promise<T>;
}
