/** A client that asks for rows, such as the API's source. */
export interface RowsAsked {
  rows<R extends object>(sql: string): Promise<R[]>;
}
