import { type ClassType, Field, ID, ObjectType } from 'type-graphql';
import { capitalized } from '../../util/capitalized.ts';
import { defineObject } from './define.ts';
import { keyTypeOf } from './key.ts';

/** The payload of a mutation: the row under one field, or a list of rows. `payloadOf('createPatient', 'patient', Patient)` */
export function payloadOf(
  mutation: string,
  field: string,
  rows: ClassType | readonly [ClassType],
): ClassType {
  const payload = defineObject(`${capitalized(mutation)}Payload`, `What ${mutation} did.`);
  const description = Array.isArray(rows)
    ? 'The rows as the source now holds them, in the order of the inputs.'
    : 'The row as the source now holds it.';
  Field(() => rows as ClassType, { description })(payload.prototype, field);
  return payload;
}

/** The payload of a mutation that deletes a row. */
export function deletedPayloadOf(mutation: string, entity: ClassType): ClassType<Deleted> {
  const name = `${capitalized(mutation)}Payload`;

  @ObjectType(name, { simpleResolvers: true, description: `What ${mutation} did.` })
  class Payload implements Deleted {
    @Field(() => keyTypeOf(entity) as never, { description: 'The key that the row had.' })
    readonly key!: unknown;

    @Field(() => ID, { description: 'The id that the row had, for caches to drop it.' })
    readonly id!: string;
  }
  return Payload;
}

interface Deleted {
  readonly key: unknown;
  readonly id: string;
}
