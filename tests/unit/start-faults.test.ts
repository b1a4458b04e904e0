import { Cascade, Type } from '@mikro-orm/core';
import {
  BeforeCreate,
  Check,
  Embeddable,
  Embedded,
  Enum,
  Filter,
  Formula,
  Index,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  Property,
  Unique,
} from '@mikro-orm/decorators/legacy';
import { type ClassType, Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { describe, expect, it } from 'vitest';
import { enumOf } from '../../src/entities/enum-of.ts';
import { KeyedRow, KeylessRow } from '../../src/entities/source-row.ts';
import { resolversOf } from '../../src/resolvers/index.ts';
import { LocalDate } from '../../src/scalars/local-date.ts';
import {
  column,
  declareEntity,
  key,
  type Members,
  members,
  owner,
  relation,
} from '../helpers/declared-entity.ts';
import { startWith } from '../helpers/start-trial.ts';

/** What the server says of entities at start: `served`, or the fault, with its entity, property and remedy. */
type Case = readonly [what: string, make: () => unknown[], outcome: 'served' | RegExp];

const one = (of: Members, options: Parameters<typeof declareEntity>[1] = {}) => [declareEntity(of, options)];
const table = (options: object, of: Members = column()) => one(of, { table: options });
const entity = (options: object, of: Members = column()) => one(of, { entity: options });

/** `it`, a getter of the class, and a column of texts. */
function getter(computed: object): unknown[] {
  const descriptor = { get: () => 'x', configurable: true };
  return table({ computed }, (prototype) => {
    column({}, () => String, { name: 'other' })(prototype);
    Object.defineProperty(prototype, 'it', descriptor);
    Field(() => String, { description: 'It.' })(prototype, 'it', descriptor);
  });
}

/** An entity with a to-many relation `its` to another one, whose `owner` it is. */
function pair({
  list = {},
  own = {},
  child = column(),
  parent = column(),
  type,
  table: options = {},
  inverse = (of: () => unknown) =>
    OneToMany({ entity: of as never, mappedBy: 'owner', ...list } as never) as unknown,
}: {
  list?: object;
  own?: object;
  child?: Members;
  parent?: Members;
  type?: () => unknown;
  table?: object;
  inverse?: (of: () => unknown) => unknown;
} = {}): ClassType<object>[] {
  const of: { child?: ClassType<object> } = {};
  const thunk = () => of.child;
  const Parent = declareEntity(
    members(parent, relation(inverse(thunk), type ?? (() => [of.child]), { name: 'its' })),
    { table: options },
  );
  of.child = declareEntity(
    members(
      child,
      owner(() => Parent, own),
    ),
  );
  return [Parent, of.child];
}

class Shouted extends Type<string, string> {
  override convertToDatabaseValue(value: string) {
    return value.toUpperCase();
  }
}

const Registered = enumOf('StartFaultsLetter', ['a', 'b'], 'A letter.');
const Unregistered = { A: 'a' };

// What types share is made once, and not of one trial.
resolversOf([
  declareEntity(
    members(
      column(),
      column({ type: 'integer' }, () => Int, { name: 'number' }),
      column({ type: 'enum', items: ['a', 'b'] }, () => Registered, { name: 'letter' }),
      column({ type: 'string', columnType: "set('a','b')" }, () => [Registered], { name: 'letters' }),
    ),
  ),
]);

const tables: Case[] = [
  ['of the usual kind', () => one(column()), 'served'],
  ['without @Table', () => one(column(), { table: null }), /has no @Table/],
  ['without @ObjectType', () => one(column(), { type: null }), /@ObjectType/],
  ['without @Entity', () => one(column(), { entity: null }), /@Entity/],
  [
    'that extends no row',
    () =>
      one(
        members(
          column(),
          key({ type: 'integer' }, () => Int),
        ),
        { base: null },
      ),
    /extend/,
  ],
  ['whose @ObjectType has another name', () => one(column(), { type: 'Another' }), /Another/],
  [
    'that is registered twice',
    () => {
      const [One] = one(column());
      return [One, One];
    },
    /twice/,
  ],
  ['that is undefined', () => [...one(column()), undefined], /src\/entities\/index\.ts/],
  ['that is no class', () => [...one(column()), { name: 'Thing' }], /class/],
  [
    'with the name of another class',
    () => [...one(column(), { name: 'Twin' }), ...one(column(), { name: 'Twin' })],
    /Twin/,
  ],
  [
    'with the table of another entity',
    () => [...entity({ tableName: 'shared' }), ...entity({ tableName: 'shared' })],
    /shared/,
  ],
  [
    'whose types have the names of others',
    () => [...one(column(), { name: 'Film' }), ...one(column(), { name: 'FilmConnection' })],
    /FilmConnection/,
  ],
  [
    'whose inputs have the names of others',
    () => [...one(column(), { name: 'Plane' }), ...one(column(), { name: 'CreatePlaneInput' })],
    /CreatePlaneInput/,
  ],
  ['with the name of a type of the API', () => one(column(), { name: 'PageInfo' }), /PageInfo/],
  ['with the name of a root type', () => one(column(), { name: 'Query' }), /Query/],
  ['with the name of a filter', () => one(column(), { name: 'StringFilter' }), /StringFilter/],
  ['with the name of a scalar', () => one(column(), { name: 'String' }), /String/],
  [
    'with the name of a scalar of the API',
    () =>
      one(
        column({ type: 'date' }, () => LocalDate),
        { name: 'LocalDate' },
      ),
    /LocalDate brings the type LocalDate, which the API brings, too/,
  ],
  [
    'with the name of an enum',
    () =>
      one(
        column({ type: 'enum', items: ['a', 'b'] }, () => Registered),
        { name: 'StartFaultsLetter' },
      ),
    /brings the type StartFaultsLetter/,
  ],
  ['with a name that GraphQL does not allow', () => one(column(), { name: 'Größe' }), /Größe/],
  ['with a name of introspection', () => one(column(), { name: '__Thing' }), /__Thing/],
  ['with a list of no name', () => table({ many: '' }), /which GraphQL does not allow/],
  [
    'with a row of a name that GraphQL does not allow',
    () => table({ one: '1st' }),
    /which GraphQL does not allow/,
  ],
  ['with one name for its list and a row', () => table({ many: 'sheep', one: 'sheep' }), /sheep/],
  [
    'with the list of another',
    () => [...table({ many: 'things' }), ...table({ many: 'things' })],
    /things, which another field has/,
  ],
  [
    'with a row of the name of another list',
    () => [...table({ many: 'rows1' }), ...table({ one: 'rows1' })],
    /rows1, which another field has/,
  ],
  [
    'with a mutation of another',
    () => [...table({ many: 'aCats', one: 'aCat' }), ...table({ one: 'aCats', many: 'aCatss' })],
    /aCats, which another field has/,
  ],
  [
    'with the name of a field of the API',
    () => table({ many: 'sources' }),
    /sources, which another field has/,
  ],
  ['with the name node', () => table({ one: 'node' }), /node, which another field has/],
  [
    'that is a view with mutations',
    () => entity({ view: true, expression: 'select 1 as id, 2 as it' }),
    /is a view, and its @Table has mutations/,
  ],
  [
    'that is a view without a statement',
    () => one(column(), { entity: { view: true }, table: { readOnly: true } }),
    /expression/,
  ],
  [
    'that is a statement and no view',
    () => one(column(), { entity: { expression: 'select 1' }, table: { readOnly: true }, base: KeylessRow }),
    /has an expression and no table/,
  ],
  ['that is read only', () => table({ readOnly: true }), 'served'],
  [
    'that is read only and creates rows',
    () => pair({ table: { readOnly: true, creates: { its: 'one' } } }),
    /has creates in its @Table, which is about mutations, and readOnly: true/,
  ],
  [
    'that is read only and takes no blank text',
    () => table({ readOnly: true, notBlank: ['it'] }),
    /notBlank/,
  ],
  [
    'that is read only and describes its delete',
    () => table({ readOnly: true, deleteDescription: 'x' }),
    /deleteDescription/,
  ],
  [
    'whose soft delete is by no column of it, read only',
    () => table({ readOnly: true, softDelete: 'gone' }),
    /softDelete/,
  ],
  ['that takes no blank text in a column that it lacks', () => table({ notBlank: ['nothing'] }), /notBlank/],
  [
    'that takes no blank text in a number',
    () =>
      table(
        { notBlank: ['it'] },
        column({ type: 'integer' }, () => Int),
      ),
    /notBlank/,
  ],
  [
    'added to a relation that it lacks',
    () => table({ addedTo: 'nothing' }),
    /\.nothing is named by addedTo of @Table/,
  ],
  ['added to a column', () => table({ addedTo: 'it' }), /addedTo/],
  [
    'that creates rows along a relation that it lacks',
    () => table({ creates: { nothing: 'thing' } }),
    /\.nothing is named by creates of @Table/,
  ],
  ['that creates rows along a column', () => table({ creates: { it: 'thing' } }), /creates/],
  [
    'that creates rows of a name that GraphQL does not allow',
    () => {
      const C: { of?: never } = {};
      const P = declareEntity(
        relation(OneToMany({ entity: () => C.of as never, mappedBy: 'owner' }), () => [C.of], {
          name: 'its',
        }),
        { table: { creates: { its: 'a-b' } } },
      );
      C.of = declareEntity(owner(() => P)) as never;
      return [P, C.of];
    },
    /a-b/,
  ],
  ['with a discriminator', () => entity({ discriminatorColumn: 'it' }), /shares its table/],
  [
    'with a table for each class',
    () => {
      const [Base] = entity({ inheritance: 'tpt' });
      const Sub = declareEntity(
        column({ length: 5 }, () => String, { name: 'more' }),
        { base: Base as never },
      );
      return [Base, Sub];
    },
    /shares its table with other entities/,
  ],
  [
    'that extends another table',
    () => {
      const [Base] = entity({});
      return [
        Base,
        declareEntity(
          column({ length: 5 }, () => String, { name: 'more' }),
          { base: Base as never },
        ),
      ];
    },
    'served',
  ],
  ['that is abstract', () => entity({ abstract: true }), /abstract/],
  ['of another database', () => entity({ schema: 'other' }), /another database/],
  [
    'of a table that the ORM takes for a method',
    () => entity({ tableName: 'constructor' }),
    /each object of/,
  ],
  ['with an order of its own', () => entity({ orderBy: { it: 'asc' } }), /orderBy/],
  [
    'with a hook',
    () =>
      one((prototype) => {
        column()(prototype);
        (prototype as Record<string, unknown>).made = () => {};
        BeforeCreate()(prototype as never, 'made' as never);
      }),
    /hook for beforeCreate/,
  ],
  [
    'with a check',
    () => {
      const [One] = one(column());
      Check({ name: 'c', expression: "it <> ''" })(One as never);
      return [One];
    },
    'served',
  ],
  ['with a check in a property', () => one(column({ length: 20, check: "it <> ''" })), 'served'],
  [
    'with an index of a property that it lacks',
    () => {
      const [One] = one(column());
      Index({ properties: ['nothing'] as never })(One as never);
      return [One];
    },
    /nothing/,
  ],
  [
    'with a unique index of a column name',
    () => {
      const [One] = one(column({ fieldName: 'it_s' }));
      Unique({ properties: ['it_s'] as never })(One as never);
      return [One];
    },
    /it_s/,
  ],
  [
    'with partitions',
    () => entity({ partitionBy: { type: 'hash', expression: 'id', partitions: 2 } }),
    /uses partitionBy/,
  ],
  [
    'with a trigger',
    () => entity({ triggers: [{ name: 't', timing: 'before', events: ['insert'], body: 'set @x = 1' }] }),
    'served',
  ],
  [
    'with a filter of a column that it lacks',
    () => {
      const [One] = one(column());
      Filter({ name: 'f', cond: { nothing: 1 }, default: true })(One as never);
      return [One];
    },
    /names nothing/,
  ],
];

const columns: Case[] = [
  ['without a type', () => one(column({ type: undefined })), /\.it has no type/],
  [
    'of a type that MikroORM does not have',
    () => one(column({ type: 'strng' })),
    /\.it has a column of type strng/,
  ],
  [
    'whose @Field has no type',
    () =>
      one((prototype) => {
        Property({ type: 'string' })(prototype, 'it');
        Field({ description: 'It.' })(prototype, 'it');
      }),
    /\.it is refused by TypeGraphQL: Unable to infer/,
  ],
  ['whose @Field has a class that is not there yet', () => one(column({}, () => undefined)), /it/],
  ['whose @Field has a class of the language', () => one(column({ type: 'json' }, () => Object)), /it/],
  [
    'whose @Field has a class that is no type',
    () => one(column({ type: 'json' }, () => class Loose {})),
    /it/,
  ],
  [
    'whose @Field has an enum that is not registered',
    () => one(column({ type: 'enum', items: ['a'] }, () => Unregistered)),
    /registerEnumType/,
  ],
  [
    'whose @Field is a list',
    () => one(column({ type: 'json' }, () => [String])),
    /\.it has a @Field of a list of scalars/,
  ],
  [
    'whose @Field is a list of numbers',
    () => one(column({ type: 'json' }, () => [Int])),
    /\.it has a @Field of a list of scalars/,
  ],
  [
    'whose @Field has another name',
    () =>
      one((prototype) => {
        Property({ type: 'string' })(prototype, 'it');
        Field(() => String, { name: 'that', description: 'It.' })(prototype, 'it');
      }),
    /name/,
  ],
  [
    'whose @Field has items that can be null',
    () =>
      one(column({ type: 'string', columnType: "set('a','b')" }, () => [Registered], { nullable: 'items' })),
    /nullable/,
  ],
  [
    'without @Property',
    () => one((prototype) => Field(() => String, { description: 'It.' })(prototype, 'it')),
    /has a @Field and no column/,
  ],
  [
    'that a getter computes',
    () =>
      one((prototype) => {
        Object.defineProperty(prototype, 'it', { get: () => 'x', configurable: true });
        Field(() => String, { description: 'It.' })(prototype, 'it');
      }),
    /has a @Field and no column/,
  ],
  ['that a getter of the class computes of columns', () => getter({ it: ['other'] }), 'served'],
  ['that a getter of the class computes of no column', () => getter({ it: [] }), 'served'],
  [
    'that a getter of the class computes, unnamed',
    () => getter({}),
    /\.it has a @Field and no column.*computed: \{ it/,
  ],
  [
    'that is computed, and not there',
    () => getter({ it: [], more: [] }),
    /\.more is named by computed of @Table, and is none of its kind/,
  ],
  [
    'that is computed of what is no column',
    () => getter({ it: ['none'] }),
    /\.it is computed of none, which is no column of the API/,
  ],
  ['that is not persisted', () => one(column({ persist: false })), /has a @Field and no column/],
  [
    'that is not persisted, and hidden',
    () => one(members(column(), column({ persist: false }, null, { name: 'more' }))),
    'served',
  ],
  [
    'of a formula',
    () =>
      one((prototype) => {
        Formula('1 + 1', { type: 'integer' })(prototype, 'it');
        Field(() => String, { description: 'It.' })(prototype, 'it');
      }),
    /has a @Field and no column|formula/,
  ],
  [
    'of a formula, hidden',
    () => one(members(column(), (prototype) => Formula('1 + 1', { type: 'integer' })(prototype, 'more'))),
    'served',
  ],
  ['that is generated', () => one(column({ generated: "(concat('a', 'b')) stored" })), 'served'],
  ['that is lazy', () => one(column({ lazy: true })), 'served'],
  ['that is a reference', () => one(column({ ref: true })), 'served'],
  ['that MikroORM hides', () => one(column({ hidden: true })), /hidden/],
  [
    'that MikroORM hides, without @Field',
    () => one(members(column(), column({ hidden: true, default: '' }, null, { name: 'more' }))),
    'served',
  ],
  ['with a serializer', () => one(column({ serializer: (value: string) => `${value}!` })), /serializer/],
  ['with another name in JSON', () => one(column({ serializedName: 'that' })), /serializedName/],
  ['with a version', () => one(column({ type: 'integer', version: true, default: 1 }, () => Int)), /version/],
  ['that is checked for concurrency', () => one(column({ concurrencyCheck: true })), /concurrencyCheck/],
  [
    'of a custom type',
    () => one(column({ type: Shouted, columnType: 'varchar(20)' })),
    /custom type Shouted/,
  ],
  [
    'of an array of texts',
    () => one(column({ type: 'array' }, () => [String])),
    /\.it has a @Field of a list of scalars/,
  ],
  [
    'of an array of an enum',
    () =>
      one((prototype) => {
        Enum({ items: () => Registered, array: true })(prototype, 'it');
        Field(() => [Registered], { description: 'It.' })(prototype, 'it');
      }),
    /it/,
  ],
  ['of JSON as text', () => one(column({ type: 'json' })), /a @Field of type String/],
  [
    'in an order of its own',
    () => one(column({ type: 'enum', items: ['a', 'b'], customOrder: ['b', 'a'] }, () => Registered)),
    /customOrder/,
  ],
  [
    'with the column of another',
    () =>
      one(
        members(
          column({ fieldName: 'same' }),
          column({ fieldName: 'same' }, () => String, { name: 'more' }),
        ),
      ),
    /same/,
  ],
  ['with the column of the key', () => one(column({ type: 'integer', fieldName: 'id' }, () => Int)), /id/],
  ['called as introspection is', () => one(column({}, () => String, { name: '__it' })), /__it/],
  ['called as GraphQL does not allow', () => one(column({}, () => String, { name: 'größe' })), /größe/],
  [
    'called id',
    () => one(column({ fieldName: 'number' }, () => String, { name: 'id' })),
    /\.id has the name id, which every row of the API has/,
  ],
  [
    'called source',
    () => one(column({}, () => String, { name: 'source' })),
    /\.source has the name source, which every row/,
  ],
  [
    'called source, without @Field',
    () => one(members(column(), column({ default: '' }, null, { name: 'source' }))),
    'served',
  ],
  [
    'called key',
    () =>
      one(
        members(
          column({}, () => String, { name: 'key' }),
          key({ type: 'integer' }, () => Int, 'number'),
        ),
        { base: KeyedRow },
      ),
    /has the name of the field/,
  ],
  ['called node', () => one(column({}, () => String, { name: 'node' })), 'served'],
  [
    'called and',
    () => one(column({}, () => String, { name: 'and' })),
    /\.and has the name and, which filters have/,
  ],
  [
    'called or',
    () => one(column({}, () => String, { name: 'or' })),
    /\.or has the name or, which filters have/,
  ],
  [
    'called true',
    () => one(column({}, () => String, { name: 'true' })),
    /\.true has the name true, which no enum can/,
  ],
  [
    'called not',
    () => one(column({}, () => String, { name: 'not' })),
    /\.not has the name not, which filters have/,
  ],
  [
    'called as what objects have',
    () => one(column({}, () => String, { name: 'toString' })),
    /\.toString has two decorators of MikroORM, or a name/,
  ],
  ['called constructor', () => one(column({}, () => String, { name: 'constructor' })), /constructor/],
  ['called __proto__', () => one(column({}, () => String, { name: '__proto__' })), /__proto__/],
  [
    'called as the key of a relation',
    () => {
      const [Parent, Child] = pair({ child: column({}, () => String, { name: 'ownerKey' }) });
      return [Parent, Child];
    },
    /ownerKey/,
  ],
  [
    'called as the aggregate of a list',
    () => pair({ parent: column({}, () => String, { name: 'itsAggregate' }) }),
    /itsAggregate/,
  ],
  [
    'embedded',
    () => {
      class Address {}
      Property({ type: 'string' })(Address.prototype, 'street');
      Embeddable()(Address as never);
      ObjectType(`Address${Math.random().toString(36).slice(2)}`)(Address);
      return one(relation(Embedded({ entity: () => Address as never }), () => Address));
    },
    /embedded/,
  ],
  [
    'embedded as JSON',
    () => {
      class Home {}
      Property({ type: 'string' })(Home.prototype, 'street');
      Embeddable()(Home as never);
      ObjectType(`Home${Math.random().toString(36).slice(2)}`)(Home);
      return one(relation(Embedded({ entity: () => Home as never, object: true }), () => Home));
    },
    /embedded/,
  ],
  [
    'embedded, hidden, that a new row needs',
    () => {
      class Hut {}
      Property({ type: 'string' })(Hut.prototype, 'street');
      Embeddable()(Hut as never);
      return one(
        members(column(), relation(Embedded({ entity: () => Hut as never }), null, { name: 'more' })),
      );
    },
    /no @Field, no default/,
  ],
  [
    'of an enum with two items of one name',
    () => {
      enumOf('Twins', ['a-b', 'a_b'], 'Twins.');
      return [];
    },
    /Twins/,
  ],
  [
    'of an enum whose name another has',
    () => {
      const Other = { X: 'x' };
      registerEnumType(Other, { name: 'StartFaultsLetter' });
      return one(
        members(
          column({ type: 'enum', items: ['x'] }, () => Other),
          column({ type: 'enum', items: ['a', 'b'] }, () => Registered, { name: 'more' }),
        ),
      );
    },
    /StartFaultsLetter/,
  ],
  [
    'of an enum with a name that GraphQL does not allow',
    () => {
      const Odd = { 'PG-13': 'PG-13' };
      registerEnumType(Odd, { name: 'OddRating' });
      return one(column({ type: 'enum', items: ['PG-13'] }, () => Odd));
    },
    /PG-13/,
  ],
];

const keys: Case[] = [
  [
    'that can be null',
    () =>
      one(
        key({ type: 'string', length: 5, nullable: true }, () => String, 'code'),
        { base: KeyedRow },
      ),
    /null/,
  ],
  [
    'that is hidden',
    () => one(members(column(), key({ type: 'string', length: 5 }, null, 'code')), { base: KeyedRow }),
    /no @Field/,
  ],
  [
    'called id',
    () =>
      one(
        members(
          column(),
          key({ type: 'integer' }, () => Int, 'id'),
        ),
        { base: KeyedRow },
      ),
    /id/,
  ],
  [
    'called id of an entity with a key',
    () =>
      one(
        members(
          column(),
          key({ type: 'integer' }, () => Int, 'id'),
        ),
      ),
    /id/,
  ],
  [
    'besides that of SourceRow',
    () =>
      one(
        members(
          column(),
          key({ type: 'string', length: 5 }, () => String, 'code'),
        ),
      ),
    /\.code is of the primary key, beside the key that SourceRow brings/,
  ],
  ['that is none', () => one(column(), { base: KeyedRow }), /has no primary key/],
  [
    'that is none, with mutations',
    () => one(column(), { base: KeylessRow }),
    /has no key, and its @Table has mutations/,
  ],
  [
    'that a custom type converts',
    () =>
      one(
        members(
          column(),
          key({ type: Shouted, columnType: 'varchar(20)' }, () => String, 'code'),
        ),
        { base: KeyedRow },
      ),
    /custom type/,
  ],
  [
    'of relations to each other',
    () => {
      const of: { child?: ClassType<object> } = {};
      const A = declareEntity(
        relation(OneToOne({ entity: () => of.child as never, primary: true, owner: true }), () => of.child, {
          name: 'other',
        }),
        { base: KeyedRow },
      );
      of.child = declareEntity(
        relation(OneToOne({ entity: () => A as never, primary: true, owner: true }), () => A, {
          name: 'other',
        }),
        { base: KeyedRow },
      );
      return [A, of.child];
    },
    /\.other is of the primary key, and so is a relation of Entity\d+ that leads back here/,
  ],
];

const relations: Case[] = [
  ['to many rows', () => pair(), 'served'],
  ['without an entity', () => one(relation(ManyToOne({} as never), () => String)), /it/],
  [
    'to an entity that is not there yet',
    () => one(relation(ManyToOne({ entity: () => undefined as never }), () => undefined)),
    /it/,
  ],
  [
    'to an entity that is not registered',
    () => {
      const [Parent] = pair();
      return one(relation(ManyToOne({ entity: () => Parent as never }), () => Parent));
    },
    /src\/entities\/index\.ts/,
  ],
  [
    'to a class that is no entity',
    () => {
      class Loose {}
      return one(relation(ManyToOne({ entity: () => Loose as never }), () => Loose));
    },
    /Loose/,
  ],
  [
    'to rows of an entity that is not registered',
    () => {
      const [, Child] = pair();
      return [Child];
    },
    /src\/entities\/index\.ts/,
  ],
  [
    'whose @Field has another entity',
    () => {
      const [Parent, Child] = pair();
      return [...one(relation(ManyToOne({ entity: () => Parent as never }), () => Child)), Parent, Child];
    },
    /another type/,
  ],
  [
    'to many, whose @Field has another entity',
    () => {
      const [Other] = one(column());
      return [...pair({ type: () => [Other] }), Other];
    },
    /another type/,
  ],
  [
    'to many, whose @Field is no list',
    () => {
      const of: { t?: unknown } = {};
      const all = pair({ type: () => of.t });
      of.t = all[1];
      return all;
    },
    /another type/,
  ],
  [
    'to one, whose @Field is a list',
    () => {
      const [Other] = one(column());
      return [...one(relation(ManyToOne({ entity: () => Other as never }), () => [Other])), Other];
    },
    /another type/,
  ],
  [
    'to many, whose @Field can be null',
    () => {
      const of: { child?: ClassType<object> } = {};
      const P = declareEntity(
        relation(OneToMany({ entity: () => of.child as never, mappedBy: 'owner' }), () => [of.child], {
          name: 'its',
          nullable: true,
        }),
      );
      of.child = declareEntity(owner(() => P));
      return [P, of.child];
    },
    /\.its is a list, which is never null/,
  ],
  [
    'whose other side is misspelt',
    () => pair({ inverse: (of) => OneToMany({ entity: of as never, mappedBy: 'ownr' } as never) }),
    /ownr/,
  ],
  [
    'whose other side is not named',
    () => pair({ inverse: (of) => OneToMany({ entity: of as never } as never) }),
    /mappedBy/,
  ],
  [
    'whose other side is a column',
    () => pair({ inverse: (of) => OneToMany({ entity: of as never, mappedBy: 'it' } as never) }),
    /it/,
  ],
  ['whose inverse is missing', () => pair({ own: { inversedBy: 'nothing' } }), /nothing/],
  [
    'of one to one with two owning sides',
    () => {
      const of: { child?: ClassType<object> } = {};
      const A = declareEntity(
        relation(OneToOne({ entity: () => of.child as never, inversedBy: 'a' as never }), () => of.child, {
          name: 'b',
        }),
      );
      of.child = declareEntity(
        relation(OneToOne({ entity: () => A as never, inversedBy: 'b' as never }), () => A, { name: 'a' }),
      );
      return [A, of.child];
    },
    /owning/,
  ],
  [
    'ordered by a property that its rows lack',
    () => pair({ list: { orderBy: { nothing: 'asc' } } }),
    /nothing/,
  ],
  [
    'ordered by a relation of its rows',
    () => pair({ list: { orderBy: { owner: { it: 'asc' } } } }),
    /orderBy/,
  ],
  [
    'ordered by a to-one relation of its rows',
    () => pair({ list: { orderBy: { owner: 'asc' } } }),
    /\.its has an orderBy of owner/,
  ],
  [
    'ordered by a hidden column',
    () =>
      pair({
        list: { orderBy: { more: 'asc' } },
        child: members(column(), column({ default: '' }, null, { name: 'more' })),
      }),
    /\.its has an orderBy of more/,
  ],
  [
    'ordered by a BLOB',
    () =>
      pair({ list: { orderBy: { more: 'asc' } }, child: column({ type: 'json' }, null, { name: 'more' }) }),
    /\.its has an orderBy of more/,
  ],
  ['narrowed by a condition', () => pair({ list: { where: { it: 'x' } } }), /where/],
  ['that removes orphans', () => pair({ list: { orphanRemoval: true } }), /orphanRemoval/],
  ['that cascades deletes in the ORM', () => pair({ list: { cascade: [Cascade.REMOVE] } }), /cascade/],
  ['that cascades what is persisted', () => pair({ list: { cascade: [Cascade.PERSIST] } }), 'served'],
  ['that is eager', () => pair({ own: { eager: true } }), 'served'],
  ['that is mapped to its key', () => pair({ own: { mapToPk: true } }), /\.owner has the option mapToPk/],
  [
    'to another unique column',
    () => {
      const [Parent] = one(column({ length: 20, unique: true }));
      return [
        Parent,
        ...one(
          relation(ManyToOne({ entity: () => Parent as never, targetKey: 'it' as never }), () => Parent),
        ),
      ];
    },
    /other columns than the primary key/,
  ],
  [
    'to one of several entities',
    () => {
      const [A] = one(column());
      const [B] = one(column());
      return [A, B, ...one(relation(ManyToOne({ entity: () => [A, B] as never }), () => A))];
    },
    /several|polymorphic/,
  ],
  [
    'by columns of another number',
    () => {
      const [Parent] = one(
        members(
          column(),
          key({ type: 'string', length: 5 }, () => String, 'code'),
        ),
      );
      return [
        Parent,
        ...one(relation(ManyToOne({ entity: () => Parent as never, joinColumns: ['a'] }), () => Parent)),
      ];
    },
    /it/,
  ],
  [
    'of many to many in a fixed order',
    () => {
      const [Other] = one(column());
      return [
        Other,
        ...one(
          relation(ManyToMany({ entity: () => Other as never, owner: true, fixedOrder: true }), () => [
            Other,
          ]),
        ),
      ];
    },
    /fixedOrder/,
  ],
  [
    'of many to many, narrowed by a condition',
    () => {
      const [Other] = one(column());
      return [
        Other,
        ...one(
          relation(
            ManyToMany({ entity: () => Other as never, owner: true, where: { it: 'x' } as never }),
            () => [Other],
          ),
        ),
      ];
    },
    /where/,
  ],
  ['without a foreign key', () => pair({ own: { createForeignKeyConstraint: false } }), 'served'],
];

describe.each<[string, Case[]]>([
  ['a table', tables],
  ['a column', columns],
  ['a key', keys],
  ['a relation', relations],
])('%s', (_of, cases) => {
  it.each(cases)('%s', async (_what, make, outcome) => {
    const said = await startWith(make as never);
    if (outcome === 'served') expect(said).toBe('served');
    else expect(said).toMatch(outcome);
  });
});
