import { ArgsType, Field, Int } from 'type-graphql';
import { SourceName } from '../../source-name.ts';

@ArgsType()
export class SourceArgs {
  @Field(() => SourceName, { description: 'The cloud to ask.' })
  source!: SourceName;
}

@ArgsType()
export class RowArgs extends SourceArgs {
  @Field(() => Int, { description: 'The primary key.' })
  key!: number;
}

@ArgsType()
export class PageArgs extends SourceArgs {
  @Field(() => Int, { defaultValue: 20, description: 'Rows at most, 0 to 1000.' })
  first!: number;

  @Field(() => String, { nullable: true, description: 'Start after this cursor.' })
  after?: string | null;
}
