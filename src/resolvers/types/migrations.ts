import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../../scalars/date-time.ts';

const MigrationState = {
  APPLIED: 'APPLIED',
  PENDING: 'PENDING',
  RUNNING: 'RUNNING',
  INTERRUPTED: 'INTERRUPTED',
  FAILED: 'FAILED',
  EDITED: 'EDITED',
  MISSING: 'MISSING',
  UNKNOWN: 'UNKNOWN',
} as const;

registerEnumType(MigrationState, {
  name: 'MigrationState',
  description: 'How a migration stands in a source.',
  valuesConfig: {
    RUNNING: { description: 'A runner is at it.' },
    INTERRUPTED: { description: 'It was begun, and its runner died.' },
    FAILED: { description: 'It was begun, and a statement failed.' },
    EDITED: { description: 'Its file is not the one that was applied.' },
    MISSING: { description: 'It was applied, and its file is gone.' },
    UNKNOWN: { description: 'It was applied by a newer build, as it seems.' },
  },
});

const LintSeverity = { error: 'error', warning: 'warning', info: 'info' } as const;

registerEnumType(LintSeverity, {
  name: 'LintSeverity',
  description: 'How bad a finding of the lint is.',
  valuesConfig: {
    error: { description: 'It loses rows, invents values or fails.' },
    warning: { description: 'It harms other users of the table.' },
    info: { description: 'It is worth knowing.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'What the lint says of one statement.' })
class MigrationFinding {
  @Field(() => String, { description: 'The rule: docs/lint.md lists all.' })
  readonly rule!: string;

  @Field(() => LintSeverity, { description: 'How bad it is.' })
  readonly severity!: keyof typeof LintSeverity;

  @Field(() => Boolean, { description: 'Whether what goes cannot be had back.' })
  readonly destructive!: boolean;

  @Field(() => Int, {
    description: 'The number of the statement, from 1 on; 0 for the migration as a whole.',
  })
  readonly statement!: number;

  @Field(() => String, { description: 'What it is about, such as `patients.last_name`.' })
  readonly object!: string;

  @Field(() => String, { description: 'What is the matter.' })
  readonly message!: string;

  @Field(() => String, { description: 'A safer way.' })
  readonly safer!: string;
}

@ObjectType({ simpleResolvers: true, description: 'How MySQL carries out a statement that changes a table.' })
class MigrationImpact {
  @Field(() => Int, { description: 'The number of the statement, from 1 on.' })
  readonly statement!: number;

  @Field(() => String, { description: 'The table.' })
  readonly table!: string;

  @Field(() => Float, { nullable: true, description: 'About how many rows it has.' })
  readonly rows!: number | null;

  @Field(() => String, { description: 'INSTANT, INPLACE or COPY: the fastest algorithm that MySQL accepts.' })
  readonly algorithm!: string;

  @Field(() => String, { description: 'NONE: reads and writes go on. SHARED: writes wait until it is done.' })
  readonly lock!: string;

  @Field(() => Boolean, { description: 'Whether MySQL writes each row anew.' })
  readonly rebuilds!: boolean;

  @Field(() => Boolean, {
    description: 'False where the old definition is not known and the worst is assumed.',
  })
  readonly certain!: boolean;
}

@ObjectType({ simpleResolvers: true, description: 'A migration of one source.' })
export class Migration {
  @Field(() => String, { description: 'Its name, as the history has it.' })
  readonly name!: string;

  @Field(() => MigrationState, { description: 'How it stands.' })
  readonly state!: keyof typeof MigrationState;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the last attempt began; null where the journal has none.',
  })
  readonly startedAt!: string | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Milliseconds that the attempt took; null until it ended.',
  })
  readonly ms!: number | null;

  @Field(() => String, { nullable: true, description: 'The account that ran it.' })
  readonly account!: string | null;

  @Field(() => String, { nullable: true, description: 'MySQL’s name and number of what stopped it.' })
  readonly error!: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'What it runs; of one that has run, on an empty database. Null where only the run can tell.',
  })
  readonly up!: readonly string[] | null;

  @Field(() => [String], { nullable: true, description: 'What takes it back; null where nothing does.' })
  readonly down!: readonly string[] | null;

  @Field(() => [MigrationFinding], { description: 'What the lint says of one that has not run.' })
  readonly findings!: readonly MigrationFinding[];

  @Field(() => [MigrationImpact], { description: 'How MySQL will carry out its changes of tables.' })
  readonly impacts!: readonly MigrationImpact[];
}
