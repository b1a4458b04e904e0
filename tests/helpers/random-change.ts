import {
  addGenerated,
  conditionOver,
  type Dice,
  expressionOver,
  freshName,
  mayBeParent,
  mayHaveKeys,
  namesOf,
  type RandomSchema,
  type RandomTable,
  randomColumn,
  randomEvent,
  randomIndex,
  randomKey,
  randomOptions,
  randomPartitions,
  randomRoutine,
  randomTable,
  randomTrigger,
  randomView,
  retype,
  word,
} from './random-schema.ts';

/** One change of a schema; false where there is nothing that it could change. */
type Change = (dice: Dice, schema: RandomSchema) => boolean;

const one = <T>(dice: Dice, of: readonly T[], change: (of: T) => unknown): boolean =>
  of.length > 0 && change(dice.pick(of)) !== false;
const drop = <T>(list: T[], of: T) => void list.splice(list.indexOf(of), 1);
const relations = (schema: RandomSchema) => namesOf([...schema.tables, ...schema.views]);
const keysOf = (schema: RandomSchema) => namesOf(schema.tables.flatMap(({ keys }) => keys));
const checksOf = (schema: RandomSchema) => namesOf(schema.tables.flatMap(({ checks }) => checks));

const table =
  (change: (dice: Dice, table: RandomTable, schema: RandomSchema) => unknown): Change =>
  (dice, schema) =>
    one(dice, schema.tables, (of) => change(dice, of, schema));

/** By name, so that a failure says what was done. */
const changes: Readonly<Record<string, Change>> = {
  'add table': (dice, schema) => schema.tables.push(randomTable(dice, relations(schema))) > 0,
  'drop table': (dice, schema) =>
    schema.tables.length > 1 && one(dice, schema.tables, (of) => drop(schema.tables, of)),
  'table becomes view': (dice, schema) =>
    schema.tables.length > 1 &&
    one(dice, schema.tables, (of) => {
      drop(schema.tables, of);
      const view = randomView(dice, schema, relations(schema));
      schema.views.push({
        name: of.name,
        uses: [],
        sql: `view \`${of.name.replaceAll('`', '``')}\` as select 1 as id`,
      });
      return view !== undefined;
    }),
  'view becomes table': (dice, schema) =>
    one(dice, schema.views, (of) => {
      drop(schema.views, of);
      schema.tables.push({ ...randomTable(dice, new Set()), name: of.name });
    }),
  'table options': table((dice, of) => Object.assign(of, { options: randomOptions(dice) })),
  partitions: table((dice, of) => {
    of.partitions = of.partitions === '' || dice.chance(0.5) ? randomPartitions(dice) : '';
  }),
  'add column': table((dice, of) => {
    of.columns.splice(dice.below(of.columns.length + 1), 0, randomColumn(dice, namesOf(of.columns)));
  }),
  'add column with index': table((dice, of) => {
    const column = randomColumn(dice, namesOf(of.columns));
    of.columns.push(column);
    const index = randomIndex(dice, { ...of, columns: [column] }, namesOf(of.indexes));
    if (index !== null) of.indexes.push(index);
  }),
  'add generated column': table((dice, of) => {
    const base = dice.pick(of.columns);
    if (base.autoIncrement || base.sort === 'point' || base.generated) return false;
    addGenerated(dice, of, base);
    return true;
  }),
  'drop column': table(
    (dice, of) => of.columns.length > 2 && one(dice, of.columns, (column) => drop(of.columns, column)),
  ),
  'change type': table((dice, of) =>
    one(dice, of.columns, (column) =>
      column.generated || column.name === 'id' ? false : retype(dice, column),
    ),
  ),
  'change nullable': table((dice, of) =>
    one(dice, of.columns, (column) => Object.assign(column, { nullable: !column.nullable })),
  ),
  'change default': table((dice, of) =>
    one(dice, of.columns, (column) => {
      const before = { ...column };
      retype(dice, column);
      if (column.sort !== before.sort || column.type !== before.type) Object.assign(column, before);
      return column.initial !== before.initial && !column.autoIncrement;
    }),
  ),
  'change comment': table((dice, of) =>
    one(dice, of.columns, (column) => Object.assign(column, { comment: word(dice) })),
  ),
  'change generated': table((dice, of) =>
    one(dice, of.columns, (column) => {
      const base = of.columns.find(({ name }) => name === column.uses[0]);
      if (column.generated === null || base === undefined) return false;
      column.generated = { expression: expressionOver(dice, base), kind: dice.pick(['stored', 'virtual']) };
      return true;
    }),
  ),
  'generated becomes plain': table((dice, of) =>
    one(
      dice,
      of.columns.filter(({ generated }) => generated),
      (column) => {
        column.generated = null;
        column.uses = [];
      },
    ),
  ),
  'invisible column': table((dice, of) =>
    one(dice, of.columns, (column) => Object.assign(column, { invisible: !column.invisible })),
  ),
  'move column': table((dice, of) =>
    one(dice, of.columns, (column) => {
      drop(of.columns, column);
      of.columns.splice(dice.below(of.columns.length + 1), 0, column);
    }),
  ),
  'rename column': table((dice, of) =>
    one(
      dice,
      of.columns.filter(({ name }) => name !== 'id'),
      (column) => {
        const was = column.name;
        column.name = freshName(dice, namesOf(of.columns));
        const say = (sql: string) =>
          sql.replaceAll(`\`${was.replaceAll('`', '``')}\``, `\`${column.name.replaceAll('`', '``')}\``);
        for (const index of of.indexes)
          for (const part of index.parts)
            if (part.column === was) Object.assign(part, { column: column.name, sql: say(part.sql) });
        for (const key of of.keys) if (key.column === was) key.column = column.name;
        for (const check of of.checks)
          if (check.column === was)
            Object.assign(check, { column: column.name, expression: say(check.expression) });
        for (const other of of.columns)
          if (other.uses.includes(was) && other.generated) {
            other.uses = [column.name];
            other.generated = { ...other.generated, expression: say(other.generated.expression) };
          }
      },
    ),
  ),
  'auto increment': table((_dice, of) => {
    const column = of.columns.find(({ name }) => name === 'id');
    if (column === undefined) return false;
    column.autoIncrement = !column.autoIncrement;
    return true;
  }),
  'add index': table((dice, of) => {
    const index = randomIndex(dice, of, namesOf(of.indexes));
    if (index === null) return false;
    of.indexes.push(index);
    return true;
  }),
  'drop index': table((dice, of) => one(dice, of.indexes, (index) => drop(of.indexes, index))),
  'rename index': table((dice, of) =>
    one(dice, of.indexes, (index) => {
      if (index.what === 'primary key') return false;
      index.name = freshName(dice, namesOf(of.indexes));
      return true;
    }),
  ),
  'change index': table((dice, of) =>
    one(dice, of.indexes, (index) => {
      const other = randomIndex(dice, of, namesOf(of.indexes));
      if (other === null || index.what === 'primary key') return false;
      Object.assign(index, { ...other, name: index.name });
      return true;
    }),
  ),
  'change primary key': table((dice, of) =>
    one(
      dice,
      of.indexes.filter(({ what }) => what === 'primary key'),
      (index) => {
        const other = dice.pick(
          of.columns.filter(({ sort, nullable, type }) => sort === 'number' && !nullable && type === 'int'),
        );
        if (other === undefined) return false;
        index.parts =
          index.parts.length > 1 || other.name === 'id'
            ? [{ sql: '`id`', column: 'id' }]
            : [...index.parts, { sql: `\`${other.name.replaceAll('`', '``')}\``, column: other.name }];
        return true;
      },
    ),
  ),
  'add foreign key': table((dice, of, schema) => {
    const key = randomKey(dice, schema, of, keysOf(schema));
    if (key === null) return false;
    of.keys.push(key);
    return true;
  }),
  'new parent': table((dice, of, schema) => {
    const parent = { ...randomTable(dice, relations(schema)), partitions: '', options: '' };
    schema.tables.push(parent);
    const key = randomKey(dice, { ...schema, tables: [parent] }, of, keysOf(schema));
    if (key !== null) of.keys.push(key);
  }),
  'drop foreign key': table((dice, of) => one(dice, of.keys, (key) => drop(of.keys, key))),
  'change foreign key': table((dice, of, schema) =>
    one(dice, of.keys, (key) => {
      const other = randomKey(dice, schema, of, keysOf(schema));
      if (other === null) return false;
      Object.assign(key, { ...other, name: key.name });
      return true;
    }),
  ),
  'add check': table((dice, of, schema) => {
    const column = dice.pick(of.columns);
    if (column.autoIncrement) return false;
    of.checks.push({
      name: freshName(dice, checksOf(schema)),
      expression: conditionOver(dice, column),
      column: column.name,
      enforced: true,
    });
    return true;
  }),
  'drop check': table((dice, of) => one(dice, of.checks, (check) => drop(of.checks, check))),
  'change check': table((dice, of) =>
    one(dice, of.checks, (check) => {
      const column = of.columns.find(({ name }) => name === check.column);
      if (column === undefined || dice.chance(0.3)) check.enforced = !check.enforced;
      else check.expression = conditionOver(dice, column);
    }),
  ),
  'check moves': table((dice, of, schema) =>
    one(dice, of.checks, (check) => {
      const other = dice.pick(schema.tables);
      const column = dice.pick(other.columns);
      if (other === of || column.autoIncrement) return false;
      drop(of.checks, check);
      other.checks.push({ ...check, expression: conditionOver(dice, column), column: column.name });
      return true;
    }),
  ),
  'add view': (dice, schema) => schema.views.push(randomView(dice, schema, relations(schema))) > 0,
  'drop view': (dice, schema) => one(dice, schema.views, (of) => drop(schema.views, of)),
  'change view': (dice, schema) =>
    one(dice, schema.views, (of) => {
      const before = schema.views.slice(0, schema.views.indexOf(of));
      const other = randomView(dice, { ...schema, views: before }, new Set());
      of.sql = other.sql.replace(
        `view \`${other.name.replaceAll('`', '``')}\``,
        () => `view \`${of.name.replaceAll('`', '``')}\``,
      );
      of.uses = other.uses;
    }),
  'add trigger': (dice, schema) => {
    const trigger = randomTrigger(dice, schema, namesOf(schema.triggers));
    schema.triggers.splice(dice.below(schema.triggers.length + 1), 0, trigger);
    return true;
  },
  'drop trigger': (dice, schema) => one(dice, schema.triggers, (of) => drop(schema.triggers, of)),
  'change trigger': (dice, schema) =>
    one(dice, schema.triggers, (of) => {
      Object.assign(of, { ...randomTrigger(dice, schema, new Set()), name: of.name });
    }),
  'move trigger': (dice, schema) =>
    one(dice, schema.triggers, (of) => {
      drop(schema.triggers, of);
      schema.triggers.splice(dice.below(schema.triggers.length + 1), 0, of);
    }),
  'add routine': (dice, schema) => schema.routines.push(randomRoutine(dice, namesOf(schema.routines))) > 0,
  'drop routine': (dice, schema) => one(dice, schema.routines, (of) => drop(schema.routines, of)),
  'change routine': (dice, schema) =>
    one(dice, schema.routines, (of) => {
      const other = randomRoutine(dice, new Set());
      if (other.kind !== of.kind) return false;
      Object.assign(of, { ...other, name: of.name });
      return true;
    }),
  'add event': (dice, schema) => schema.events.push(randomEvent(dice, namesOf(schema.events))) > 0,
  'drop event': (dice, schema) => one(dice, schema.events, (of) => drop(schema.events, of)),
  'change event': (dice, schema) =>
    one(dice, schema.events, (of) => {
      Object.assign(of, { ...randomEvent(dice, new Set()), name: of.name });
    }),
};

/** A copy with as many changes, and what they were. */
export function changed(
  dice: Dice,
  schema: RandomSchema,
  count: number,
): { readonly schema: RandomSchema; readonly done: string[] } {
  const copy = structuredClone(schema);
  const done: string[] = [];
  while (done.length < count) {
    const name = dice.pick(Object.keys(changes));
    if (changes[name]?.(dice, copy)) done.push(name);
  }
  return { schema: pruned(copy), done };
}

/** Without what refers to something that is not there any more. */
function pruned(schema: RandomSchema): RandomSchema {
  const tables = new Map(schema.tables.map((table) => [table.name, table]));
  for (const table of schema.tables) {
    const has = (name: string) => table.columns.some((column) => column.name === name);
    table.columns = table.columns.filter(({ uses }) => uses.every(has));
    table.indexes = table.indexes.filter(({ parts }) => parts.every(({ column }) => has(column)));
    table.checks = table.checks.filter(({ column }) => has(column));
    table.keys = table.keys.filter(({ column, parent }) => {
      const of = tables.get(parent);
      return has(column) && of !== undefined && mayBeParent(of) && mayHaveKeys(table);
    });
  }
  schema.triggers = schema.triggers.filter(({ table, column }) => {
    const of = tables.get(table);
    return of !== undefined && (column === null || of.columns.some(({ name }) => name === column));
  });
  return schema;
}
