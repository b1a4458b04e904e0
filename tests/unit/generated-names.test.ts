import { isIntrospectionType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { entities } from '../../src/entities/index.ts';
import { tableOf } from '../../src/entities/table.ts';
import { fieldNamesOf, namesOfTables, typeNamesOf } from '../../src/entity-generator/names.ts';
import { createSchema } from '../../src/graphql/schema.ts';

describe('names that are generated for tables', async () => {
  const schema = await createSchema();
  const types = Object.keys(schema.getTypeMap()).filter(
    (name) => !isIntrospectionType(schema.getType(name) as never),
  );
  const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.keys(type?.getFields() ?? {}),
  );
  const ofTables = entities.map((entity) => {
    const { one, many } = tableOf(entity) as { one: string; many: string };
    return { entity: entity.name, one, many };
  });

  it('are none that the API has for itself', () => {
    const brought = new Set(ofTables.flatMap(typeNamesOf));
    // By `creates` and `addedTo` of @Table, which generated entities do not have, and enums of these entities.
    const others = /^(?:Add\w+|Create\w+With\w+|CreatePatientRecord)(?:Input|Payload)$|^Gender/;
    const own = types.filter((name) => !brought.has(name) && !others.test(name));
    expect(own.length).toBeGreaterThan(40);
    for (const name of own) {
      const [[, { entity }] = ['', { entity: name }]] = namesOfTables([name]).tables;
      expect(typeNamesOf({ entity, one: 'a', many: 'b' }), name).not.toContain(name);
    }
    const known = new Set(ofTables.flatMap(fieldNamesOf));
    const ownFields = fields.filter((name) => !known.has(name) && !/^add[A-Z]/.test(name));
    expect(ownFields.length).toBeGreaterThan(8);
    for (const name of ownFields) {
      const [[, names] = ['', { one: name, many: name }]] = namesOfTables([name]).tables;
      expect(fieldNamesOf(names), name).not.toContain(name);
    }
  });

  it.each([
    ['singular and plural', ['film', 'films']],
    ['by case', ['Film', 'film', 'FILM']],
    ['by what is between words', ['film-actor', 'film_actor', 'filmActor', 'film actor']],
    [
      'of types of another',
      ['film', 'film_connection', 'film_where', 'film_key', 'film_list', 'film_comparison'],
    ],
    ['of fields of another', ['film', 'films_aggregate', 'create_film', 'films_compared', 'update_film']],
    ['of inputs of another', ['film', 'create_film_input', 'update_film_input', 'delete_film_payload']],
    ['of one form', ['sheep', 'sheep_list', 'SheepList']],
    ['without letters', ['😀', '2', '__', '-']],
  ])('are unique for tables whose names are equal %s', (_how, tables) => {
    const names = [...namesOfTables(tables).tables.values()];
    expect(names).toHaveLength(tables.length);
    const all = names.flatMap((each) => typeNamesOf(each).map((name) => name.toLowerCase()));
    expect(new Set(all).size).toBe(all.length);
    const roots = names.flatMap(fieldNamesOf);
    expect(new Set(roots).size).toBe(roots.length);
    for (const { entity, file } of names)
      expect([entity, file]).toEqual([
        expect.stringMatching(/^[A-Z_]\w*$/),
        expect.stringMatching(/^[\w-]+$/),
      ]);
    expect(new Set(names.map(({ file }) => file)).size).toBe(names.length);
  });

  it('are no names of types for enums', () => {
    const { uniqueEnum } = namesOfTables(['film_rating', 'film']);
    expect(uniqueEnum('FilmRating')).toBe('FilmRating2');
    expect(uniqueEnum('FilmRating')).toBe('FilmRating3');
    expect(uniqueEnum('FilmSize')).toBe('FilmSize');
  });
});
