import { buildSchema, getVariableValues, type OperationDefinitionNode, parse, validate } from 'graphql';
import { expect, it } from 'vitest';
import { withoutValues } from '../../src/graphql/without-values.ts';

const schema = buildSchema(`
  enum Gender { FEMALE MALE }
  input Person { name: String! gender: Gender age: Int tags: [String!] }
  type Query { find(person: Person, age: Int, gender: Gender, name: String): Int }
`);

/** What graphql-js says of these variables. */
function ofVariables(person: unknown): readonly string[] {
  const document = parse('query ($person: Person) { find(person: $person) }');
  const { variableDefinitions = [] } = document.definitions[0] as OperationDefinitionNode;
  return (
    getVariableValues(schema, variableDefinitions, { person }).errors?.map(({ message }) => message) ?? []
  );
}

it.each([
  [
    { name: 'ok', gender: 'CANARY' },
    'Variable "$person" got a value that cannot be used at "person.gender".',
  ],
  [{ name: 'ok', age: 'Canary' }, 'Variable "$person" got a value that cannot be used at "person.age".'],
  [{ name: { first: 'Canary' } }, 'Variable "$person" got a value that cannot be used at "person.name".'],
  [
    { name: 'ok', tags: ['a', ['Canary']] },
    'Variable "$person" got a value that cannot be used at "person.tags[1]".',
  ],
  [
    { name: null, gender: 'MALE' },
    'Variable "$person" got a value that cannot be used at "person.name"; Expected non-nullable type "String!" not to be null.',
  ],
  [
    { gender: 'MALE', tags: ['Canary'] },
    'Variable "$person" got a value that cannot be used; Field "name" of required type "String!" was not provided.',
  ],
  [
    { name: 'Canary', nick: 'Canary' },
    'Variable "$person" got a value that cannot be used; Field "nick" is not defined by type "Person".',
  ],
  ['Canary', 'Variable "$person" got a value that cannot be used; Expected type "Person" to be an object.'],
  [
    { name: 'ok', age: 'Canary at "person.age"; Canary' },
    'Variable "$person" got a value that cannot be used at "person.age".',
  ],
])('says of %j where it is wrong', (person, message) => {
  const said = ofVariables(person);
  expect(said.map(withoutValues)).toEqual([message]);
});

it.each([
  '{ find(age: "Canary") }',
  '{ find(gender: "Canary") }',
  '{ find(gender: Canary) }',
  '{ find(name: Canary) }',
  '{ find(person: { name: ["Canary"] }) }',
])('says what is wrong in %s without the value', (text) => {
  const said = validate(schema, parse(text)).map(({ message }) => message);
  expect(said).not.toEqual([]);
  expect(said.join()).toMatch(/Canary/);
  expect(said.map(withoutValues).join()).not.toMatch(/Canary/);
});

it.each(['{ find(name: "Canary" "Canary") }', '{ find(name: """Canary""" 4) }', '{ find(name: "a" Canary }'])(
  'says where %s is no GraphQL, without the value',
  (text) => {
    let said = '';
    try {
      parse(text);
    } catch (error) {
      said = (error as Error).message;
    }
    expect(said).toMatch(/^Syntax Error: /);
    expect(withoutValues(said)).toMatch(/^Syntax Error: .*(Expected|Unexpected)/);
    expect(withoutValues(said)).not.toMatch(/Canary/);
  },
);

it('leaves what holds no value as it is', () => {
  const message = 'Cannot query field "nothing" on type "Query". Did you mean "nodes"?';
  expect(withoutValues(message)).toBe(message);
});
