import { Field, Float, Int, ObjectType } from 'type-graphql';
import { DateTime } from '../../scalars/date-time.ts';
import { SourceName } from '../../source-name.ts';

@ObjectType({
  simpleResolvers: true,
  description: 'What a source did in the time before a sample, and its pool at that moment.',
})
export class ActivitySample {
  @Field(() => DateTime, { description: 'When the sample was taken.' })
  readonly at!: string;

  @Field(() => Int, { description: 'Connections in use by callers.' })
  readonly inUse!: number;

  @Field(() => Int, { description: 'Connections open and unused.' })
  readonly idle!: number;

  @Field(() => Int, { description: 'Callers that wait for a connection.' })
  readonly waiting!: number;

  @Field(() => Int, { description: 'Statements that ended, the pool’s own left out.' })
  readonly statements!: number;

  @Field(() => Float, { description: 'Milliseconds that these statements took together.' })
  readonly statementMs!: number;

  @Field(() => Int, { description: 'Errors in answers that name the source.' })
  readonly errors!: number;
}

@ObjectType({ simpleResolvers: true, description: 'The samples of one source.' })
export class SourceActivity {
  @Field(() => SourceName, { description: 'Which source.' })
  readonly source!: SourceName;

  @Field(() => [ActivitySample], { description: 'The oldest first.' })
  readonly samples!: readonly ActivitySample[];
}

@ObjectType({ simpleResolvers: true, description: 'Errors of one code in the time before a sample.' })
export class ErrorSample {
  @Field(() => DateTime, { description: 'When the sample was taken.' })
  readonly at!: string;

  @Field(() => Int, { description: 'How many.' })
  readonly count!: number;
}

@ObjectType({ simpleResolvers: true, description: 'Errors of one code, counted since the server started.' })
export class ActivityErrors {
  @Field(() => SourceName, { nullable: true, description: 'The source that they are about; null for none.' })
  readonly source!: SourceName | null;

  @Field(() => String, { description: 'Their `extensions.code`.' })
  readonly code!: string;

  @Field(() => Int, { description: 'How many.' })
  readonly count!: number;

  @Field(() => DateTime, { description: 'When the last one was.' })
  readonly lastAt!: string;

  @Field(() => String, { nullable: true, description: 'What to do about them.' })
  readonly remedy!: string | null;

  @Field(() => [ErrorSample], { description: 'The samples that have any, the oldest first.' })
  readonly samples!: readonly ErrorSample[];
}

@ObjectType({
  simpleResolvers: true,
  description: 'What went on in the last ten minutes, in all processes of the server together.',
})
export class Activity {
  @Field(() => Int, { description: 'Milliseconds between two samples.' })
  readonly intervalMs!: number;

  @Field(() => [SourceActivity], { description: 'Both sources.' })
  readonly sources!: readonly SourceActivity[];

  @Field(() => [ActivityErrors], { description: 'Errors in answers, by source and code.' })
  readonly errors!: readonly ActivityErrors[];
}
