import type { OptionalProps, PrimaryKeyProp } from '@mikro-orm/core';
import { Entity, PrimaryKey } from '@mikro-orm/decorators/legacy';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { SourceName } from '../source-name.ts';
import { Node } from './node.ts';

registerEnumType(SourceName, {
  name: 'Source',
  description: 'The cloud whose database answers.',
  valuesConfig: {
    AZURE: { description: 'Azure Database for MySQL.' },
    GCP: { description: 'Google Cloud SQL for MySQL.' },
  },
});

/**
 * The fields of every row with a key; the entity declares the key by `@PrimaryKey`, or by relations with `primary: true`. `id` and `source` are
 * not columns: the read path adds them, since they follow from the source that was asked and the primary key.
 */
@Entity({ abstract: true })
@ObjectType({ simpleResolvers: true, implements: Node })
export abstract class KeyedRow implements Node {
  declare readonly [OptionalProps]?: 'id' | 'source';

  @Field(() => ID, { description: 'Identifies this row among all types and both clouds.' })
  readonly id!: string;

  @Field(() => SourceName, { description: 'The cloud that this row was read from.' })
  readonly source!: SourceName;
}

/**
 * A row of a table, or of a view, that has no key: nothing names it. It is in lists and aggregates, has neither `key` nor `id`, and is
 * read only.
 */
@Entity({ abstract: true })
@ObjectType({ simpleResolvers: true })
export abstract class KeylessRow {
  declare readonly [PrimaryKeyProp]?: '__row';

  // MikroORM wants a key of every entity. This one is no column: reads make it (reads/keyless.ts).
  @PrimaryKey({ type: 'string', name: 'tandem:row', persist: false })
  readonly __row!: string;

  @Field(() => SourceName, { description: 'The cloud that this row was read from.' })
  readonly source!: SourceName;
}

/** A row whose key is one INT, which the database numbers. */
@Entity({ abstract: true })
@ObjectType({ simpleResolvers: true, implements: Node })
export abstract class SourceRow extends KeyedRow {
  declare readonly [PrimaryKeyProp]?: 'key';

  // Signed, since GraphQL's Int is: https://spec.graphql.org/October2021/#sec-Int
  @PrimaryKey({ type: 'integer', name: 'id', unsigned: false })
  @Field(() => Int, { description: 'The primary key: the same row has the same key in both clouds.' })
  key!: number;
}
