import type { OpenTarget } from './target.ts';

/**
 * The first of what would have to be changed in the database for it to be what the entities say; null where nothing
 * would. One place, whatever compares.
 */
export async function differenceFromEntities({ orm }: OpenTarget): Promise<string | null> {
  const sql = await orm.schema.getUpdateSchemaSQL({ wrap: false });
  return (
    sql
      .split('\n')
      .map((line) => line.trim())
      .find(Boolean) ?? null
  );
}
