import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { SourceName } from '../../source-name.ts';

const DriftKind = {
  TABLE: 'TABLE',
  COLUMN: 'COLUMN',
  INDEX: 'INDEX',
  FOREIGN_KEY: 'FOREIGN_KEY',
  CHECK: 'CHECK',
  VIEW: 'VIEW',
  TRIGGER: 'TRIGGER',
  ROUTINE: 'ROUTINE',
  EVENT: 'EVENT',
  MIGRATION: 'MIGRATION',
} as const;

registerEnumType(DriftKind, {
  name: 'DriftKind',
  description: 'What may differ between two databases.',
  valuesConfig: {
    INDEX: { description: 'A primary or unique key, or another index.' },
    ROUTINE: { description: 'A procedure or a function.' },
    EVENT: { description: 'What the server runs by itself, and when.' },
    MIGRATION: { description: 'A migration that ran, as the history names it.' },
  },
});

const DriftParty = { AZURE: 'AZURE', GCP: 'GCP', ENTITIES: 'ENTITIES' } as const;

registerEnumType(DriftParty, {
  name: 'DriftParty',
  description: 'Who is compared.',
  valuesConfig: { ENTITIES: { description: 'What this build’s entities and migrations ask for.' } },
});

@ObjectType({ simpleResolvers: true, description: 'One difference.' })
class DriftFinding {
  @Field(() => DriftKind, { description: 'What differs.' })
  readonly kind!: keyof typeof DriftKind;

  @Field(() => String, { description: 'Which one, such as `patients.first_name`.' })
  readonly object!: string;

  @Field(() => String, {
    description: 'What of it differs, such as `type`; `existence` where it is on one side only.',
  })
  readonly property!: string;

  @Field(() => String, { nullable: true, description: 'What the left side has; null for nothing.' })
  readonly left!: string | null;

  @Field(() => String, { nullable: true, description: 'What the right side has; null for nothing.' })
  readonly right!: string | null;

  @Field(() => Boolean, {
    description:
      'Whether a statement could be refused or answered otherwise because of it; if not, only looks or speed differ.',
  })
  readonly breaking!: boolean;

  @Field(() => [String], {
    description: 'Those of the plan that mend it, in its order; none where no SQL can.',
  })
  readonly statements!: readonly string[];

  @Field(() => Boolean, { description: 'Whether the statements delete data.' })
  readonly losesData!: boolean;
}

const DriftVerification = {
  NOT_VERIFIED: 'NOT_VERIFIED',
  VERIFIED: 'VERIFIED',
  FAILED: 'FAILED',
} as const;

registerEnumType(DriftVerification, {
  name: 'DriftVerification',
  description: 'Whether a plan was tried on a copy of the schema that it is for.',
  valuesConfig: {
    NOT_VERIFIED: { description: 'It was not: the API makes no copies, `tandem drift` does.' },
    VERIFIED: { description: 'All of it ran, and no drift was left.' },
    FAILED: { description: 'A statement was refused, or drift was left.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'Whether a plan was tried, and what was seen.' })
class DriftPlanVerification {
  @Field(() => DriftVerification, { description: 'What came of it.' })
  readonly state!: keyof typeof DriftVerification;

  @Field(() => String, { nullable: true, description: 'Why, or what was seen.' })
  readonly detail!: string | null;
}

@ObjectType({ simpleResolvers: true, description: 'What makes the right side as the left one is.' })
class DriftPlan {
  @Field(() => [String], { description: 'To be run on the right side, all of them, in this order.' })
  readonly statements!: readonly string[];

  @Field(() => [String], { description: 'What the statements cannot do on that server, or need there.' })
  readonly notes!: readonly string[];

  @Field(() => DriftPlanVerification, { description: 'Whether it was tried on a copy.' })
  readonly verification!: DriftPlanVerification;
}

@ObjectType({ simpleResolvers: true, description: 'Two that were compared, and how they differ.' })
export class DriftComparison {
  @Field(() => DriftParty, { description: 'The side that is taken for right.' })
  readonly left!: keyof typeof DriftParty;

  @Field(() => SourceName, { description: 'The side that the statements change.' })
  readonly right!: SourceName;

  @Field(() => [DriftFinding], { description: 'Every difference; none where there is no drift.' })
  readonly findings!: readonly DriftFinding[];

  @Field(() => DriftPlan, { description: 'One plan for the whole schema; empty where there is no drift.' })
  readonly plan!: DriftPlan;

  @Field(() => [DriftKind], {
    description: 'Kinds that were left out, since the account may not see all of them.',
  })
  readonly notVisible!: readonly (keyof typeof DriftKind)[];

  @Field(() => [String], {
    description: 'Tables of the right side that no entity names; none beside another source.',
  })
  readonly notManaged!: readonly string[];
}

@ObjectType({
  description:
    'Three comparisons, each made when it is asked for. Where a source is down, those that need it are null, each with a coded error, and the others are there.',
})
export class Drift {}
