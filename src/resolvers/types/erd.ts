import { Field, ObjectType } from 'type-graphql';

@ObjectType({ description: 'The tables and foreign keys of a database, as a diagram.' })
export class Erd {
  @Field(() => String, { description: 'As Mermaid’s text.' })
  mermaid!: string;

  @Field(() => String, { description: 'As an SVG picture.' })
  svg!: string;
}
