import type { PagePlan } from './page.ts';
import type { ReadList } from './read-plan.ts';

interface ListOfRow {
  readonly list: ReadList;
  readonly page: PagePlan;
  readonly limit: number;
}

/** The list of a row that comes in its parent's statement, by a join: the first that can; null for none. */
export function joinedOf<List extends ListOfRow>(lists: readonly List[]): List | null {
  return lists.find(isJoinable) ?? null;
}

/** With a cursor, the key of the owner must be a value of the statement (fetch-relations.ts). */
function isJoinable({ list, page, limit }: ListOfRow): boolean {
  return list.page.rows && limit > 0 && page.range.filter !== false && !page.fromCursor;
}
