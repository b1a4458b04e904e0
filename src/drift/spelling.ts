import type { SchemaModel } from '../information-schema/model.ts';
import { modesOf } from '../sql/modes.ts';
import { withNames } from '../sql/with-names.ts';

/**
 * Two schemas with the names of tables and views as the right one spells them, where servers take names apart by their
 * case and others do not (lower_case_table_names). A statement that would change the right side then names its own objects.
 */
export function spelledAs(
  left: SchemaModel,
  right: SchemaModel,
  fold: (name: string) => string,
): readonly [SchemaModel, SchemaModel] {
  const names = [...right.tables, ...right.views].map(({ name }) => name);
  const spelling = Map.groupBy(names, fold);
  if (fold('A') === 'A') return [left, right];
  const spelled = (name: string) => {
    const candidates = spelling.get(fold(name)) ?? [];
    return candidates.includes(name) ? name : (candidates[0] ?? name);
  };
  return [respelled(left, spelled), respelled(right, spelled)];
}

function respelled(schema: SchemaModel, spelled: (name: string) => string): SchemaModel {
  const inText = (sql: string | null, sqlMode = '') =>
    sql === null ? null : withNames(sql, spelled, modesOf(sqlMode));
  return {
    ...schema,
    tables: schema.tables.map((table) => ({
      ...table,
      name: spelled(table.name),
      foreignKeys: table.foreignKeys.map((key) => ({
        ...key,
        references: {
          ...key.references,
          table: key.references.schema === null ? spelled(key.references.table) : key.references.table,
        },
      })),
    })),
    views: schema.views.map((view) => ({
      ...view,
      name: spelled(view.name),
      definition: inText(view.definition),
    })),
    triggers: schema.triggers.map((trigger) => ({
      ...trigger,
      table: spelled(trigger.table),
      body: inText(trigger.body, trigger.sqlMode),
    })),
    routines: schema.routines.map((routine) => ({ ...routine, body: inText(routine.body, routine.sqlMode) })),
    events: schema.events.map((event) => ({ ...event, body: inText(event.body, event.sqlMode) })),
  };
}
