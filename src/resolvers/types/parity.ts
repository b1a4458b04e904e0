import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';

const ParityVerdict = { SAME: 'SAME', DIFFERENT: 'DIFFERENT', PARTIAL: 'PARTIAL' } as const;

registerEnumType(ParityVerdict, {
  name: 'ParityVerdict',
  description: 'Whether both databases hold the same rows.',
  valuesConfig: {
    SAME: { description: 'Every row was compared, and none differs.' },
    DIFFERENT: { description: 'A row differs, or one database lacks a table.' },
    PARTIAL: { description: 'No difference was found, and not all was compared.' },
  },
});

const ParityState = { RUNNING: 'RUNNING', DONE: 'DONE', CANCELLED: 'CANCELLED', ABORTED: 'ABORTED' } as const;

registerEnumType(ParityState, {
  name: 'ParityState',
  description: 'Whether a run has ended.',
  valuesConfig: {
    RUNNING: { description: 'It goes on.' },
    DONE: { description: 'It compared all tables that it was asked for.' },
    CANCELLED: { description: 'A caller cancelled it. It can be resumed.' },
    ABORTED: {
      description: 'Its process ended, or a source did, before it had compared all. It can be resumed.',
    },
  },
});

const ParityDifferenceKind = {
  DIFFERENT: 'DIFFERENT',
  ONLY_AZURE: 'ONLY_AZURE',
  ONLY_GCP: 'ONLY_GCP',
} as const;

registerEnumType(ParityDifferenceKind, {
  name: 'ParityDifferenceKind',
  description: 'How a row differs.',
  valuesConfig: { DIFFERENT: { description: 'Both databases have it, with different values.' } },
});

@ObjectType({ simpleResolvers: true, description: 'A column of a key, and its value as text.' })
class ParityKeyPart {
  @Field(() => String, { description: 'The name of the column.' })
  readonly column!: string;

  @Field(() => String, { description: 'Its value.' })
  readonly value!: string;
}

@ObjectType({ simpleResolvers: true, description: 'A row that differs.' })
class ParityDifference {
  @Field(() => ParityDifferenceKind, { description: 'How it differs.' })
  readonly kind!: keyof typeof ParityDifferenceKind;

  @Field(() => [ParityKeyPart], { description: 'Its key; empty for a table without one.' })
  readonly key!: readonly ParityKeyPart[];

  @Field(() => [String], { description: 'The columns that differ; empty where one database lacks the row.' })
  readonly columns!: readonly string[];
}

@ObjectType({ simpleResolvers: true, description: 'What a run found out about one table.' })
export class ParityTable {
  @Field(() => String, { description: 'Its name.' })
  readonly table!: string;

  @Field(() => ParityVerdict, { nullable: true, description: 'Null until the table is compared to its end.' })
  readonly verdict!: keyof typeof ParityVerdict | null;

  @Field(() => Float, { description: 'Rows of AZURE that were read.' })
  readonly rowsAzure!: number;

  @Field(() => Float, { description: 'Rows of GCP that were read.' })
  readonly rowsGcp!: number;

  @Field(() => Float, { description: 'Rows that both databases have, with different values.' })
  readonly different!: number;

  @Field(() => Float, { description: 'Rows that GCP lacks.' })
  readonly onlyAzure!: number;

  @Field(() => Float, { description: 'Rows that AZURE lacks.' })
  readonly onlyGcp!: number;

  @Field(() => Int, { description: 'Rows that changed too often to be compared.' })
  readonly hot!: number;

  @Field(() => [ParityDifference], { description: 'The first rows that differ, 100 at most.' })
  readonly differences!: readonly ParityDifference[];

  @Field(() => [String], { description: 'What was not compared, and why.' })
  readonly notes!: readonly string[];
}

@ObjectType({ simpleResolvers: true, description: 'How far a run is.' })
export class ParityProgress {
  @Field(() => Int, { description: 'Tables that it compares.' })
  readonly tables!: number;

  @Field(() => Int, { description: 'Tables that are compared to their end.' })
  readonly tablesDone!: number;

  @Field(() => Float, { description: 'Rows compared so far, of the database that has more.' })
  readonly rows!: number;

  @Field(() => Float, { description: 'Rows found so far that differ, or that one database lacks.' })
  readonly differences!: number;
}

@ObjectType({
  description: 'A comparison of the rows of both databases: by `startParity`, or by `tandem parity`.',
})
export class ParityRun {
  @Field(() => String, { description: 'Identifies the run.' })
  readonly id!: string;

  @Field(() => ParityState, { description: 'Whether it has ended.' })
  readonly state!: keyof typeof ParityState;

  @Field(() => ParityVerdict, { nullable: true, description: 'Null until it has ended.' })
  readonly verdict!: keyof typeof ParityVerdict | null;

  @Field(() => Boolean, {
    description: 'Whether it is about all rows of all tables: else its verdict says nothing of the others.',
  })
  readonly isWhole!: boolean;

  @Field(() => [String], {
    description: 'The tables that it was asked for; `*` stands for any characters. Empty: all tables.',
  })
  readonly requestedTables!: readonly string[];

  @Field(() => String, { description: 'When it began, in UTC as of ISO 8601.' })
  readonly startedAt!: string;

  @Field(() => String, {
    description: 'When it last wrote its record: a run that goes on does so every two seconds.',
  })
  readonly seenAt!: string;

  @Field(() => String, { nullable: true, description: 'When it ended; null until then.' })
  readonly endedAt!: string | null;
}
