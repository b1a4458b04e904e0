import { Field, ID, InterfaceType } from 'type-graphql';

/**
 * An object that can be fetched again by its `id` alone, after Relay's Global Object Identification:
 * https://relay.dev/graphql/objectidentification.htm
 */
@InterfaceType('Node', {
  description: 'A row of any table: `node` and `nodes` find it by its `id`.',
  // The abstract SourceRow implements it, too, and is no type of the API.
  autoRegisterImplementations: false,
})
export abstract class Node {
  @Field(() => ID, { description: 'Identifies this row among all types and both clouds.' })
  readonly id!: string;
}
