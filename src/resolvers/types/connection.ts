import { type ClassType, Field, Int, ObjectType } from 'type-graphql';

@ObjectType({
  simpleResolvers: true,
  description:
    'Where a page stands in its list: https://relay.dev/graphql/connections.htm#sec-undefined.PageInfo',
})
export class PageInfo {
  @Field(() => Boolean, {
    description:
      'Whether rows follow this page: known when paging forward; going backward, whether before was given.',
  })
  readonly hasNextPage!: boolean;

  @Field(() => Boolean, {
    description:
      'Whether rows come before this page: known when paging backward; going forward, whether after was given.',
  })
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

    @Field(() => rowType, {
      nullable: true,
      description: 'The row; null where it holds what it cannot, with an error.',
    })
    readonly node!: T;
  }

  @ObjectType(`${name}Connection`, { simpleResolvers: true, description: `A page of ${name} rows.` })
  class Connection {
    @Field(() => [rowType], {
      nullable: 'items',
      description: 'The rows, without their cursors; null for one that holds what it cannot, with an error.',
    })
    readonly nodes!: readonly T[];

    @Field(() => [Edge], { description: 'The rows with their cursors.' })
    readonly edges!: readonly Edge[];

    @Field(() => PageInfo, { description: 'Where the page stands in the list.' })
    readonly pageInfo!: PageInfo;

    @Field(() => Int, { description: 'Rows of all pages; counted only where it is asked for.' })
    readonly totalCount!: number;
  }
  return Connection;
}
