import { Field, InputType } from 'type-graphql';
import { Json } from '../../scalars/json.ts';

/** Comparisons of what stands at one place of a JSON document. */
@InputType('JSONPathCondition', {
  description:
    'What stands at one place of a document. JSON has an order of its own between values of different types.',
})
export class JsonPathCondition {
  @Field(() => String, { description: 'The place, such as $.address.lines[0].' })
  path!: string;

  @Field(() => Boolean, { nullable: true, description: 'Whether anything stands there, be it null.' })
  exists?: boolean | null;

  @Field(() => Json, { nullable: true, description: 'Equal; null is the null of JSON.' })
  eq?: unknown;

  @Field(() => Json, { nullable: true, description: 'Something that is not equal.' })
  ne?: unknown;

  @Field(() => Json, { nullable: true, description: 'Less.' })
  lt?: unknown;

  @Field(() => Json, { nullable: true, description: 'Less or equal.' })
  lte?: unknown;

  @Field(() => Json, { nullable: true, description: 'Greater.' })
  gt?: unknown;

  @Field(() => Json, { nullable: true, description: 'Greater or equal.' })
  gte?: unknown;
}
