import { Entity, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { type ClassType, Field, ObjectType } from 'type-graphql';
import { SourceRow } from '../../src/entities/source-row.ts';
import { Table, type TableOptions } from '../../src/entities/table.ts';

/** Decorates a prototype, as the members of a class's body do. */
export type Members = (prototype: object) => void;

interface Options {
  readonly name?: string;
  /** The class that it extends; null: none. */
  readonly base?: (abstract new () => object) | null;
  /** Of `@Entity`; null: it has none. */
  readonly entity?: object | null;
  /** Of `@Table`; null: it has none. */
  readonly table?: Partial<TableOptions> | null;
  /** The name for `@ObjectType`; null: it has none. */
  readonly type?: string | null;
}

let count = 0;

/** An entity as a file would declare it; its names are its own where none is given. */
export function declareEntity(
  members: Members = () => {},
  { name, base = SourceRow, entity = {}, table = {}, type }: Options = {},
): ClassType<object> {
  count += 1;
  const own = name ?? `Entity${count}`;
  // A class takes its name from a property that it stands behind alone.
  const made = base === null ? { [own]: class {} } : { [own]: class extends base {} };
  const Declared = made[own] as unknown as ClassType<object>;
  members(Declared.prototype);
  if (entity !== null) Entity({ tableName: `table_${count}`, ...entity })(Declared);
  if (type !== null) ObjectType(type ?? own, { simpleResolvers: true, description: 'One.' })(Declared);
  if (table !== null) Table({ many: `entities${count}`, ...table })(Declared);
  return Declared;
}

/** @param type of its `@Field`; null: it has none */
function member(decorator: unknown, name: string, type: (() => unknown) | null, nullable: unknown): Members {
  return (prototype) => {
    (decorator as PropertyDecorator)(prototype, name);
    if (type !== null)
      Field(type as never, { nullable: nullable as never, description: 'It.' })(prototype, name);
  };
}

/** A column called `it`, of texts where nothing else is said. */
export function column(
  options: object = { length: 20 },
  type: (() => unknown) | null = () => String,
  { name = 'it', nullable = false as unknown } = {},
): Members {
  return member(Property({ type: 'string', ...options } as never), name, type, nullable);
}

export function key(options: object, type: (() => unknown) | null, name = 'key'): Members {
  return member(PrimaryKey(options as never), name, type, false);
}

/** A relation by any of the ORM's decorators. */
export function relation(
  decorator: unknown,
  type: (() => unknown) | null,
  { name = 'it', nullable = false as unknown } = {},
): Members {
  return member(decorator, name, type, nullable);
}

/** `owner`, a to-one relation as most are. */
export function owner(target: () => unknown, options: object = {}): Members {
  return relation(ManyToOne({ entity: target as never, ...options } as never), target, { name: 'owner' });
}

export const members =
  (...all: readonly Members[]): Members =>
  (prototype) => {
    for (const each of all) each(prototype);
  };
