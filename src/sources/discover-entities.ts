import { MetadataStorage } from '@mikro-orm/core';
import { MikroORM, type Options } from '@mikro-orm/mysql';
import { entityErrorOf } from '../errors/declaration-error.ts';
import { EntityError, type EntityFault } from '../errors/entity-error.ts';

type Class = abstract new (...args: never[]) => object;

interface Declared {
  readonly tableName?: string;
  readonly abstract?: boolean;
  readonly expression?: unknown;
  readonly view?: unknown;
  readonly properties: Readonly<Record<string, DeclaredProperty>>;
}

interface DeclaredProperty {
  readonly entity?: unknown;
  readonly kind?: string;
  readonly primary?: boolean;
  readonly items?: unknown;
  readonly enum?: boolean;
}

/**
 * An ORM of the entities in the options, which connects when it is used.
 *
 * @throws EntityError where the ORM cannot take them, naming entity, property and remedy
 */
export async function discover(options: Options): Promise<MikroORM> {
  const faults = faultsOf(options.entities ?? []);
  if (faults.length > 0) throw new EntityError(faults);
  try {
    return await MikroORM.init(options);
  } catch (error) {
    // Nothing has been connected to: the entities are all that there is.
    throw entityErrorOf(error) ?? withoutName(error);
  }
}

function withoutName(error: unknown): EntityError {
  const fault = {
    entity: 'One of the entities',
    cause: `makes MikroORM fail: ${Object(error).message}`,
    remedy: 'leave out entities in src/entities/index.ts until it starts, to find the one',
  };
  return Object.assign(new EntityError([fault]), { cause: error });
}

/** Faults for which the ORM has a message without the entity's name, or none. */
function faultsOf(entities: readonly unknown[]): EntityFault[] {
  const tables = new Map<string, string>();
  const names = new Map<string, number>();
  return entities.flatMap((entity, at): EntityFault[] => {
    if (!isClass(entity)) {
      return [
        {
          entity: `Entry ${at + 1} of src/entities/index.ts`,
          cause: entity === undefined ? 'is undefined' : 'is no class',
          remedy:
            'name the class of an entity that its file exports; two files that import each other have none at first',
        },
      ];
    }
    const { name } = entity;
    if (names.has(name)) {
      const isSame = entities[names.get(name) as number] === entity;
      return [
        isSame
          ? { entity: name, cause: 'stands twice in src/entities/index.ts', remedy: 'remove one of them' }
          : { entity: name, cause: 'has the name of another entity', remedy: 'name its class otherwise' },
      ];
    }
    names.set(name, at);
    const declared = declarationOf(entity);
    if (declared === null) {
      return [
        {
          entity: name,
          cause: 'has no @Entity, so the ORM has no table of it',
          remedy: "put @Entity({ tableName: '…' }) of @mikro-orm/decorators/legacy before the class",
        },
      ];
    }
    if (declared.abstract) {
      return [
        {
          entity: name,
          cause: 'is abstract, and no table',
          remedy: 'remove it from src/entities/index.ts: entities that extend it have its columns',
        },
      ];
    }
    if (declared.expression !== undefined && !declared.view) {
      return [
        {
          entity: name,
          cause: 'has an expression and no table',
          remedy: 'make it a view, by view: true, with readOnly: true in its @Table',
        },
      ];
    }
    const { tableName } = declared;
    const other = tableName === undefined ? undefined : tables.get(tableName);
    if (tableName !== undefined) tables.set(tableName, name);
    return [
      ...(other === undefined
        ? []
        : [
            {
              entity: name,
              cause: `has the table ${tableName}, which ${other} has, too`,
              remedy: 'map each table by one entity',
            },
          ]),
      ...relationFaults(entity, declared),
    ];
  });
}

/** Faults at which the ORM fails without the name of the property. */
function relationFaults(entity: Class, { properties }: Declared): EntityFault[] {
  return Object.entries(properties).flatMap(([property, declared]): EntityFault[] => {
    const named = (cause: string, remedy: string) => [{ entity: entity.name, property, cause, remedy }];
    const { kind, items, primary } = declared;
    if (typeof items === 'function' && declared.enum !== true) {
      return named('has its items as a function, which @Enum alone takes', 'use @Enum, or give a list');
    }
    if (kind === undefined || kind === 'scalar' || kind === 'embedded') return [];
    const target = targetOf(declared.entity);
    if (target === undefined || target === null) {
      return named(
        'is a relation to an entity that is not there',
        'name it by entity: () => …, with a class that its file exports',
      );
    }
    if (primary !== true || !isClass(target) || !leadsBack(target, entity)) return [];
    return named(
      `is of the primary key, and so is a relation of ${target.name} that leads back here`,
      'let one of the keys be a column of its own',
    );
  });
}

/** Whether the key of an entity is made of the key of another. */
function leadsBack(from: Class, to: Class, seen = new Set<Class>()): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return Object.values(declarationOf(from)?.properties ?? {}).some(({ primary, entity }) => {
    const target = primary === true ? targetOf(entity) : undefined;
    return isClass(target) && leadsBack(target, to, seen);
  });
}

/** Two files that import each other have classes once both are read: so there is a function. */
function targetOf(entity: unknown): unknown {
  if (isClass(entity) || typeof entity === 'string') return entity;
  try {
    return (entity as () => unknown)();
  } catch {
    return undefined;
  }
}

function isClass(value: unknown): value is Class {
  return typeof value === 'function' && value.prototype !== undefined;
}

/** The declarations of a class's decorators; null where it is no entity. */
function declarationOf(entity: Class): Declared | null {
  const path = Object.getOwnPropertyDescriptor(entity, MetadataStorage.PATH_SYMBOL)?.value as
    | string
    | undefined;
  if (path === undefined) return null;
  const declared = MetadataStorage.getMetadata<object>(entity.name, path, entity as never);
  // @Property alone makes an entry, too.
  return declared.name === undefined && declared.abstract !== true ? null : (declared as unknown as Declared);
}
