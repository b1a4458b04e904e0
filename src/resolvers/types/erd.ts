import { ArgsType, Field, ObjectType } from 'type-graphql';
import { SourceArgs } from './arguments.ts';

@ArgsType()
export class ErdArgs extends SourceArgs {
  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether the other cloud is drawn over it: what is in one of them alone, and what differs, is marked and painted.',
  })
  compare!: boolean;
}

@ObjectType({ description: 'The tables and foreign keys of a database, as a diagram.' })
export class Erd {
  @Field(() => String, { description: 'As Mermaid’s text.' })
  mermaid!: string;

  @Field(() => String, { description: 'As an SVG picture.' })
  svg!: string;
}
