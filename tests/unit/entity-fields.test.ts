import { Property } from '@mikro-orm/decorators/legacy';
import { Field, Int, ObjectType } from 'type-graphql';
import { expect, it } from 'vitest';
import { fieldsOf } from '../../src/column-types/entity-fields.ts';
import { SourceRow } from '../../src/entities/source-row.ts';

// Each column of a statement asks for them: a table of 200 columns took seconds for its first answer.
it('reads the fields of an entity once, and again when there are more', () => {
  class Shelf extends SourceRow {}
  const add = (name: string) => {
    Property({ type: 'integer' })(Shelf.prototype, name);
    Field(() => Int, { description: 'A number.' })(Shelf.prototype, name);
  };
  ObjectType({ description: 'A shelf.' })(Shelf);
  add('width');
  const fields = fieldsOf(Shelf);
  expect(fieldsOf(Shelf)).toBe(fields);
  add('height');
  expect(fieldsOf(Shelf).map(({ name }) => name)).toEqual(expect.arrayContaining(['key', 'width', 'height']));
});
