import { type ClassType, Field, ObjectType, registerEnumType } from 'type-graphql';
import type { ComparedStatus } from '../../compare/compared-page.ts';
import { SourceName } from '../../source-name.ts';
import { PageInfo } from './connection.ts';
import { keyTypeOf } from './key.ts';

const ComparisonStatus = {
  SAME: 'SAME',
  DIFFERENT: 'DIFFERENT',
  ONLY_AZURE: 'ONLY_AZURE',
  ONLY_GCP: 'ONLY_GCP',
  UNKNOWN: 'UNKNOWN',
} as const satisfies Record<ComparedStatus, ComparedStatus>;

registerEnumType(ComparisonStatus, {
  name: 'ComparisonStatus',
  description: 'Whether both clouds hold the same row.',
  valuesConfig: {
    SAME: {
      description: 'Both have it, with the same values in all fields of the row that the caller may read.',
    },
    DIFFERENT: { description: 'Both have it, with other values: `differing` names the fields.' },
    ONLY_AZURE: { description: 'GCP does not have it.' },
    ONLY_GCP: { description: 'AZURE does not have it.' },
    UNKNOWN: { description: 'One cloud did not answer: `unavailable` of the page names it.' },
  },
});

/** The types of a page of compared rows: `PatientComparison`, `PatientComparisonEdge`, `PatientComparisonConnection`. */
export function comparisonOf<T extends object>(rowType: ClassType<T>): ClassType {
  const name = `${rowType.name}Comparison`;

  @ObjectType(name, {
    simpleResolvers: true,
    description: `A ${rowType.name} row of both clouds.`,
  })
  class Comparison {
    @Field(() => keyTypeOf(rowType) as never, { description: 'The primary key, the same in both clouds.' })
    readonly key!: unknown;

    @Field(() => ComparisonStatus, { description: 'Whether both clouds hold the same row.' })
    readonly status!: ComparedStatus;

    @Field(() => rowType, { nullable: true, description: 'The row of AZURE; null where it has none.' })
    readonly azure!: T | null;

    @Field(() => rowType, { nullable: true, description: 'The row of GCP; null where it has none.' })
    readonly gcp!: T | null;

    @Field(() => [String], {
      description:
        'The fields whose values differ, whether they are selected or not; relations are not followed.',
    })
    readonly differing!: readonly string[];
  }

  @ObjectType(`${name}Edge`, {
    simpleResolvers: true,
    description: `A ${rowType.name} row of both clouds with its place in the list.`,
  })
  class Edge {
    @Field(() => String, { description: 'The place in the list.' })
    readonly cursor!: string;

    @Field(() => Comparison, { description: 'The row.' })
    readonly node!: Comparison;
  }

  @ObjectType(`${name}Connection`, {
    simpleResolvers: true,
    description: `A page of ${rowType.name} rows of both clouds.`,
  })
  class Connection {
    @Field(() => [Comparison], { description: 'The rows, without their cursors.' })
    readonly nodes!: readonly Comparison[];

    @Field(() => [Edge], { description: 'The rows with their cursors.' })
    readonly edges!: readonly Edge[];

    @Field(() => PageInfo, {
      description:
        'Where the page stands in the list. A page can have fewer rows than `first`, and others behind it.',
    })
    readonly pageInfo!: PageInfo;

    @Field(() => [SourceName], {
      description:
        'Clouds that did not answer. Without AZURE the rows of GCP stand in for its own; without GCP those that it alone has are missing.',
    })
    readonly unavailable!: readonly SourceName[];
  }
  return Connection;
}
