import { type ClassType, Field, ObjectType } from 'type-graphql';

@ObjectType({
  simpleResolvers: true,
  description:
    'Where a page stands in its list: https://relay.dev/graphql/connections.htm#sec-undefined.PageInfo',
})
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether rows follow this page.' })
  readonly hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether the page was asked for with a cursor to start after.' })
  readonly hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first row; null on an empty page.' })
  readonly startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last row, to be passed as `after`; null on an empty page.',
  })
  readonly endCursor!: string | null;
}

/** The Relay connection and edge types of a row type: `PatientConnection`, `PatientEdge`. */
export function connectionOf<T extends object>(rowType: ClassType<T>) {
  const { name } = rowType;

  @ObjectType(`${name}Edge`, { simpleResolvers: true, description: `A ${name} with its place in the list.` })
  class Edge {
    @Field(() => String, { description: 'The place in the list.' })
    readonly cursor!: string;

    @Field(() => rowType, { description: 'The row.' })
    readonly node!: T;
  }

  @ObjectType(`${name}Connection`, { simpleResolvers: true, description: `A page of ${name} rows.` })
  class Connection {
    @Field(() => [rowType], { description: 'The rows, without their cursors.' })
    readonly nodes!: readonly T[];

    @Field(() => [Edge], { description: 'The rows with their cursors.' })
    readonly edges!: readonly Edge[];

    @Field(() => PageInfo, { description: 'Where the page stands in the list.' })
    readonly pageInfo!: PageInfo;
  }
  return Connection;
}
