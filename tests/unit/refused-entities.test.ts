import {
  Entity,
  Filter,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryKey,
  Property,
} from '@mikro-orm/decorators/legacy';
import { defineConfig, MikroORM } from '@mikro-orm/mysql';
import { Authorized, type ClassType, Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { describe, expect, it } from 'vitest';
import { entities } from '../../src/entities/index.ts';
import { KeyedRow, KeylessRow, SourceRow } from '../../src/entities/source-row.ts';
import { Table, type TableOptions } from '../../src/entities/table.ts';
import { EntityError, type EntityFault } from '../../src/errors/entity-error.ts';
import { resolversOf } from '../../src/resolvers/index.ts';
import { checkTables } from '../../src/resolvers/table/check.ts';
import { tableResolversOf } from '../../src/resolvers/table/resolvers.ts';
import { Base64 } from '../../src/scalars/base64.ts';
import { BigIntScalar } from '../../src/scalars/big-int.ts';
import { DateTime } from '../../src/scalars/date-time.ts';
import { Decimal } from '../../src/scalars/decimal.ts';
import { Duration } from '../../src/scalars/duration.ts';
import { GeoJson } from '../../src/scalars/geo-json.ts';
import { Json } from '../../src/scalars/json.ts';
import { LocalDate } from '../../src/scalars/local-date.ts';
import { LocalDateTime } from '../../src/scalars/local-date-time.ts';
import { SafeInt } from '../../src/scalars/safe-int.ts';
import { UUID } from '../../src/scalars/uuid.ts';

// Brings the fields of the project's tables.
resolversOf(entities);

let count = 0;

/** An entity as a file would declare it. */
function declare(
  decorate: (prototype: object) => void,
  options: Partial<TableOptions> | null = {},
  {
    base = SourceRow,
    ...entityOptions
  }: { base?: abstract new () => object; [option: string]: unknown } = {},
): ClassType<object> {
  count += 1;
  const name = `Thing${count}`;
  const Thing = { [name]: class extends base {} }[name] as unknown as ClassType<object>;
  decorate(Thing.prototype);
  Entity({ tableName: `things_${count}`, ...entityOptions })(Thing);
  ObjectType({ description: 'A thing.' })(Thing);
  if (options !== null) Table({ many: `things${count}`, ...options })(Thing);
  return Thing;
}

function column(options: object, type: unknown = String, nullable = false) {
  return (prototype: object) => {
    Property({ type: 'string', ...options } as never)(prototype, 'it');
    Field(() => type as never, { nullable, description: 'It.' })(prototype, 'it');
  };
}

async function faultsOf(...checked: ClassType<object>[]): Promise<readonly EntityFault[]> {
  const orm = await MikroORM.init(
    defineConfig({ entities: [...new Set([...entities, ...checked])], dbName: 'none', host: 'none.invalid' }),
  );
  try {
    checkTables(orm.getMetadata(), checked);
    return [];
  } catch (error) {
    if (!(error instanceof EntityError)) throw error;
    for (const { property, cause, remedy } of error.faults) {
      expect(error.message).toContain(
        `${property === undefined ? '' : `.${property}`} ${cause}. Next: ${remedy}.`,
      );
    }
    return error.faults;
  } finally {
    await orm.close(true);
  }
}

it('takes the entities of the project', async () => {
  expect(await faultsOf(...(entities as readonly ClassType<object>[]))).toEqual([]);
});

describe('a column', () => {
  const Ascending = { A: 'a', B: 'b' };
  const Sizes = { S: 'small', L: 'large' };
  const Twice = { A: 'a', B: 'a' };
  for (const [name, type] of Object.entries({ Ascending, Sizes, Twice })) {
    registerEnumType(type, { name, description: name });
  }

  it.each<[string, object, unknown]>([
    ['VARCHAR', { length: 20 }, String],
    ['CHAR', { columnType: 'char(5)' }, String],
    ['TEXT', { type: 'text' }, String],
    ['TINYINT(1)', { type: 'boolean' }, Boolean],
    ['TINYINT', { type: 'integer', columnType: 'tinyint unsigned' }, Int],
    ['MEDIUMINT', { type: 'integer', columnType: 'mediumint' }, Int],
    ['INT', { type: 'integer', columnType: 'int' }, Int],
    ['YEAR', { type: 'integer', columnType: 'year' }, Int],
    ['INT UNSIGNED', { type: 'integer', unsigned: true }, SafeInt],
    ['BIGINT UNSIGNED', { type: 'bigint', columnType: 'bigint unsigned' }, BigIntScalar],
    ['DECIMAL', { type: 'decimal', precision: 10, scale: 2 }, Decimal],
    ['NUMERIC', { columnType: 'numeric(7,2)' }, Decimal],
    ['FLOAT', { type: 'float', columnType: 'float' }, Float],
    ['BIT(1)', { type: 'boolean', columnType: 'bit(1)' }, Boolean],
    ['DOUBLE', { type: 'double' }, Float],
    ['BIT(12)', { type: 'blob', columnType: 'bit(12)' }, Base64],
    ['BINARY(16)', { type: 'blob', columnType: 'binary(16)' }, UUID],
    ['BLOB', { type: 'blob' }, Base64],
    ['TIME', { type: 'time', columnType: 'time' }, Duration],
    ['DATETIME', { type: 'datetime', columnType: 'datetime(6)' }, LocalDateTime],
    ['TIMESTAMP', { type: 'datetime', columnType: 'timestamp' }, DateTime],
    ['JSON', { type: 'json' }, Json],
    ['POINT', { columnType: 'point srid 4326' }, GeoJson],
    ['ENUM in any order', { enum: true, items: () => Sizes, type: 'enum' }, Sizes],
    ['DATE', { type: 'date' }, LocalDate],
    ['ENUM', { enum: true, items: () => Ascending, type: 'enum' }, Ascending],
  ])('of type %s is served', async (_type, options, field) => {
    expect(await faultsOf(declare(column(options, field)))).toEqual([]);
  });

  it.each<[string, object, unknown]>([
    ['VECTOR', { columnType: 'vector(3)' }, String],
    ['MONEY', { columnType: 'money' }, String],
  ])('of type %s is refused, and hidden it is not', async (type, options, field) => {
    expect(await faultsOf(declare(column(options, field)))).toEqual([
      {
        entity: `Thing${count}`,
        property: 'it',
        cause: `has a column of type ${type.toLowerCase().replace(/\(.*/, '')}, which the API does not serve yet`,
        remedy: 'remove its @Field: the column is then hidden',
      },
    ]);
    const hidden = (prototype: object) =>
      Property({ nullable: true, type: 'string', ...options } as never)(prototype, 'it');
    expect(await faultsOf(declare(hidden))).toEqual([]);
  });

  it.each<[string, object, unknown, boolean, RegExp]>([
    ['a Number in its field', { type: 'double' }, Number, false, /double and a @Field of type Number/],
    ['another type in its field', { length: 20 }, Int, false, /varchar\(20\) and a @Field of type Int/],
    ['null where its field has none', { length: 20, nullable: true }, String, false, /can be null/],
    ['no null where its field has one', { length: 20 }, String, true, /cannot be null/],
    [
      'an enum with two names for one item',
      { enum: true, items: ['a'], type: 'enum' },
      Twice,
      false,
      /two names/,
    ],
    [
      'an item that its field lacks',
      { enum: true, items: ['a', 'c'], type: 'enum' },
      Ascending,
      false,
      /lacks: c/,
    ],
    ['no place in the table', { persist: false, length: 20 }, String, false, /no column/],
    [
      'a value that the ORM makes of the entity',
      { length: 20, onUpdate: (entity: object) => String(entity) },
      String,
      false,
      /option onUpdate whose function takes the entity/,
    ],
    [
      'a value that the ORM waits for',
      { length: 20, onCreate: () => Promise.resolve('x') },
      String,
      false,
      /option onCreate whose function makes what is no text/,
    ],
    [
      'a value whose making fails',
      {
        length: 20,
        onCreate: () => {
          throw new Error('no');
        },
      },
      String,
      false,
      /option onCreate whose function throws/,
    ],
  ])('with %s is refused', async (_what, options, field, nullable, problem) => {
    expect(await faultsOf(declare(column(options, field, nullable)))).toEqual([
      expect.objectContaining({ property: 'it', cause: expect.stringMatching(problem) }),
    ]);
  });

  it('that is hidden and that a new row needs is refused, but of a table without mutations', async () => {
    const secret = (prototype: object) => Property({ type: 'string', length: 20 })(prototype, 'it');
    expect(await faultsOf(declare(secret))).toEqual([expect.objectContaining({ property: 'it' })]);
    expect(await faultsOf(declare(secret, { readOnly: true }))).toEqual([]);
    const supplied = (prototype: object) =>
      Property({ type: 'string', length: 20, default: '' })(prototype, 'it');
    expect(await faultsOf(declare(supplied))).toEqual([]);
  });

  it('that is not there is refused', async () => {
    const field = (prototype: object) => Field(() => String, { description: 'It.' })(prototype, 'it');
    expect(await faultsOf(declare(field))).toEqual([
      expect.objectContaining({ property: 'it', cause: 'has a @Field and no column' }),
    ]);
  });
});

describe('a key', () => {
  /** @param type of its field; null: it has none */
  const declareKey = (
    name: string,
    options: object,
    type: unknown,
    more: (prototype: object) => void = () => {},
  ) =>
    declare(
      (prototype) => {
        PrimaryKey(options as never)(prototype as never, name as never);
        if (type !== null) Field(() => type as never, { description: 'The key.' })(prototype, name);
        more(prototype);
      },
      {},
      { base: KeyedRow },
    );

  it.each<[string, string, object, unknown]>([
    ['of another name', 'code', { type: 'integer', unsigned: false }, Int],
    ['of type BIGINT', 'key', { type: 'bigint' }, BigIntScalar],
    ['of type INT UNSIGNED', 'key', { type: 'integer', unsigned: true }, SafeInt],
    ['of text', 'key', { type: 'string', length: 20 }, String],
  ])('%s is served', async (_what, name, options, type) => {
    expect(await faultsOf(declareKey(name, options, type))).toEqual([]);
  });

  it.each<[string, object, unknown, string]>([
    ['without a @Field', { type: 'integer' }, null, 'has no @Field'],
    ['of type DOUBLE', { type: 'double', autoincrement: false }, Float, 'a column of type double'],
    ['of type JSON', { type: 'json', autoincrement: false }, Json, 'a column of type json'],
    ['of type TEXT', { type: 'text' }, String, 'a column of type text'],
  ])('%s is refused', async (_what, options, type, problem) => {
    const faults = await faultsOf(declareKey('it', options, type));
    expect(faults).toContainEqual(
      expect.objectContaining({ property: 'it', cause: expect.stringContaining(problem) }),
    );
  });

  it('that the database generates is refused, but of a table without mutations', async () => {
    const generated = (options: Partial<TableOptions>) =>
      declare(
        (prototype) => {
          const key = { type: 'integer', unsigned: false, generated: '(1 + 1) stored', autoincrement: false };
          PrimaryKey(key as never)(prototype as never, 'key' as never);
          Field(() => Int, { description: 'The key.' })(prototype, 'key');
          column({ length: 20 })(prototype);
        },
        options,
        { base: KeyedRow },
      );
    expect(await faultsOf(generated({}))).toMatchObject([
      {
        property: 'key',
        cause: 'is of the primary key and generated, so that nothing would name a new row',
      },
    ]);
    expect(await faultsOf(generated({ readOnly: true }))).toEqual([]);
  });

  it('that is none is served, of a table that is read only', async () => {
    const keyless = { base: KeylessRow };
    const Read = declare(column({ length: 20 }), { readOnly: true }, keyless);
    expect(tableResolversOf(Read)).toHaveLength(2);
    expect(await faultsOf(Read)).toEqual([]);
    expect(await faultsOf(declare(column({ length: 20 }), { auditKeys: true }, keyless))).toMatchObject([
      { cause: 'has no key, and its @Table has mutations, which could name no row' },
      { cause: 'has no key, and its @Table has auditKeys' },
    ]);
    const authorized = (prototype: object) => {
      column({ length: 20 })(prototype);
      Authorized('analyst')(prototype, 'it');
    };
    expect(await faultsOf(declare(authorized, { readOnly: true }, keyless))).toMatchObject([
      { property: 'it', cause: 'has no key, and @Authorized takes a column from some roles' },
    ]);
    const Referring = declare((prototype) => {
      ManyToOne({ entity: () => Read as never })(prototype as never, 'it');
      Field(() => Read, { description: 'It.' })(prototype, 'it');
    });
    expect(await faultsOf(Read, Referring)).toMatchObject([
      { property: 'it', cause: expect.stringMatching(/^refers to one row of Thing\d+, which has no key$/) },
    ]);
  });

  it('has its name alone', async () => {
    const faults = await faultsOf(
      declareKey('code', { type: 'integer', unsigned: false }, Int, (prototype) => {
        Property({ type: 'string' })(prototype, 'key');
        Field(() => String, { description: 'Another.' })(prototype, 'key');
      }),
    );
    expect(faults).toMatchObject([
      { property: 'key', cause: expect.stringContaining('has the name of the field') },
    ]);
  });
});

describe('a relation', () => {
  const related =
    (decorator: PropertyDecorator, type: () => unknown, nullable = false) =>
    (prototype: object) => {
      decorator(prototype, 'it');
      Field(type as never, { nullable, description: 'It.' })(prototype, 'it');
    };

  it('of many to many is served', async () => {
    const One = declare(() => {});
    const many = ManyToMany({ entity: () => One as never, owner: true }) as PropertyDecorator;
    expect(await faultsOf(One, declare(related(many, () => [One])))).toEqual([]);
  });

  it('to rows of an entity without @Table is refused', async () => {
    class Bare {}
    Entity()(Bare);
    PrimaryKey({ type: 'integer', name: 'id' })(Bare.prototype, 'key');
    ObjectType('Bare')(Bare);
    const many = ManyToMany({ entity: () => Bare as never, owner: true }) as PropertyDecorator;
    const faults = await faultsOf(declare(related(many, () => [Bare])), Bare as never);
    expect(faults).toContainEqual(
      expect.objectContaining({ property: 'it', cause: expect.stringContaining('has no @Table') }),
    );
  });

  it.each([
    ['from the side of the foreign key is served', true, false, 0],
    ['from the other side is refused where it cannot be null', false, false, 1],
    ['from the other side is served where it can be null', false, true, 0],
  ])('of one to one %s', async (_what, isOwner, nullable, faults) => {
    const Other: { type?: ClassType<object> } = {};
    const one = OneToOne(
      isOwner
        ? { entity: () => Other.type as never, owner: true }
        : { entity: () => Other.type as never, mappedBy: 'back' },
    ) as PropertyDecorator;
    const One = declare(related(one, () => Other.type, nullable));
    Other.type = declare((prototype) => {
      if (isOwner) return;
      OneToOne({ entity: () => One as never, inversedBy: 'it' })(prototype as never, 'back');
      Field(() => One, { description: 'Back.' })(prototype, 'back');
    });
    expect(await faultsOf(One, Other.type)).toHaveLength(faults);
  });

  it.each<[string, object, number]>([
    ['is served', { orderBy: { key: 'asc' } }, 0],
    ['without an order is served', {}, 0],
    ['with an order in several parts is refused', { orderBy: [{ key: 'asc' }] }, 1],
    ['with an order that is no direction is refused', { orderBy: { key: 'asc nulls last' } }, 1],
  ])('to many rows %s', async (_what, options, faults) => {
    const Child: { type?: ClassType<object> } = {};
    const list = OneToMany({
      entity: () => Child.type as never,
      mappedBy: 'owner',
      ...options,
    }) as PropertyDecorator;
    const Owner = declare(related(list, () => [Child.type], false));
    Child.type = declare((prototype) => {
      ManyToOne({ entity: () => Owner as never })(prototype as never, 'owner');
      Field(() => Owner, { description: 'Its owner.' })(prototype, 'owner');
    });
    expect(await faultsOf(Owner, Child.type)).toHaveLength(faults);
  });
});

describe('a table', () => {
  it('without @Table is refused', async () => {
    expect(await faultsOf(declare(() => {}, null))).toEqual([
      expect.objectContaining({ entity: `Thing${count}`, cause: expect.stringContaining('has no @Table') }),
    ]);
  });

  it.each([
    ['that GraphQL does not allow', 'old-things', /"old-things", which GraphQL does not allow/],
    ['of introspection', '__things', /"__things"/],
    ['that another field has', 'doctors', /doctors, which another field has/],
  ])('with a name %s is refused', async (_what, many, problem) => {
    const Named = declare(() => {}, { many });
    tableResolversOf(Named);
    const faults = await faultsOf(Named);
    expect(faults[0]?.cause).toMatch(problem);
  });

  it.each([
    ['a question mark in its name', { tableName: 'what?' }, {}, /has the name what\?/],
    ['a question mark in the name of a column', {}, { fieldName: 'it?' }, /has the name it\?/],
    ['a dot in its name', { tableName: 'some.things' }, {}, /with a dot in its name/],
  ])('with %s is refused', async (_what, options, ofColumn, problem) => {
    const Marked = declare(column({ length: 20, ...ofColumn }), {}, options);
    expect(await faultsOf(Marked)).toMatchObject([{ cause: expect.stringMatching(problem) }]);
  });

  it('that is a view with mutations is refused, and one without is not', async () => {
    const view = { view: true, expression: 'select 1 as id' };
    expect(await faultsOf(declare(() => {}, {}, view))).toEqual([
      expect.objectContaining({ cause: 'is a view, and its @Table has mutations' }),
    ]);
    expect(await faultsOf(declare(() => {}, { readOnly: true }, view))).toEqual([]);
  });

  it.each([
    ['names what is not there', { deletedAt: null }, /which names deletedAt/],
    ['has arguments', ({ it: value }: { it: string }) => ({ it: value }), /whose condition has arguments/],
    ['is a promise', () => Promise.resolve({ it: 'x' }), /whose condition is a promise/],
    ['compares by a function of the ORM', { it: { $like: 'x%' } }, /which compares by \$like/],
    ['compares with a Date', { it: { $gt: new Date(0) } }, /which compares with what is no text/],
  ])('with a default filter that %s is refused', async (_what, cond, problem) => {
    const Filtered = declare(column({ length: 20 }));
    Filter({ name: 'some', cond, default: true } as never)(Filtered);
    expect(await faultsOf(Filtered)).toEqual([
      expect.objectContaining({ cause: expect.stringMatching(/^has the default filter some, /) }),
    ]);
    expect((await faultsOf(Filtered))[0]?.cause).toMatch(problem);
  });

  it('with a default filter of its columns is served, and so is one that nobody applies', async () => {
    const Filtered = declare(column({ length: 20 }));
    Filter({ name: 'some', cond: { $not: { it: ['a', 'b'] } }, default: true })(Filtered);
    Filter({ name: 'other', cond: ({ it: value }: { it: string }) => ({ it: value }) } as never)(Filtered);
    expect(await faultsOf(Filtered)).toEqual([]);
  });

  it.each([
    ['is not there', 'nothing', {}],
    ['is a text', 'it', { length: 20 }],
  ])('with a soft delete by a column that %s is refused', async (_what, softDelete, options) => {
    expect(await faultsOf(declare(column({ length: 20, ...options }), { softDelete }))).toEqual([
      expect.objectContaining({
        property: softDelete,
        cause: expect.stringContaining('softDelete of @Table'),
      }),
    ]);
  });
});
