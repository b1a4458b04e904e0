import { buildSchema, getVariableValues, type OperationDefinitionNode, parse, validate } from 'graphql';
import { expect, it } from 'vitest';
import { redactMessage } from '../../src/graphql/redact-messages.ts';

const schema = buildSchema(`
  enum Gender { FEMALE MALE }
  input Person { name: String! gender: Gender age: Int tags: [String!] }
  type Other { find: Int }
  union Some = Other
  type Query { find(person: Person, age: Int, gender: Gender, name: String): Int, other: Some, sure(must: Int!): Int }
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
  expect(said.map((text) => redactMessage(text))).toEqual([message]);
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
  expect(said.map((text) => redactMessage(text) ?? '').join()).not.toMatch(/Canary/);
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
    expect(redactMessage(said)).toMatch(/^Syntax Error: .*(Expected|Unexpected)/);
    expect(redactMessage(said)).not.toMatch(/Canary/);
  },
);

// A document for each of graphql-js's rules, and for its executor.
it.each([
  '{ nothing }',
  '{ fnid }',
  '{ find { name } }',
  '{ other }',
  '{ other { find } ...F } fragment F on Gender { a }',
  '{ find(agee: 1) }',
  '{ find @nothing }',
  '{ find @deprecated }',
  'query A @skip(if: true) { find }',
  '{ ...Nothing }',
  'query ($a: Nothing) { find(age: $a) }',
  '{ find } query A { find }',
  '{ ...F } fragment F on Query { ...F find }',
  'query A { find(age: $a) }',
  'query A($a: Int) { find }',
  '{ find } fragment F on Query { find }',
  '{ find(age: 1) find(age: 2) }',
  '{ find: other { find } find }',
  '{ other { ... on Query { find } } }',
  '{ sure }',
  '{ find(age: 1, age: 2) }',
  '{ find @skip(if: true) @skip(if: false) }',
  '{ find @skip }',
  '{ find(person: {}) }',
  '{ find(person: { name: "a", nme: "b" }) }',
  '{ find(person: { name: "a", name: "b" }) }',
  '{ find(person: null) sure(must: null) }',
  'query ($a: Query) { find }',
  'query ($a: Int, $a: Int) { find(age: $a) }',
  'query ($a: String) { find(age: $a) }',
  'query ($a: Int) { sure(must: $a) }',
  'type A { b: Int } { find }',
  '{ find ',
  '{ find() }',
])('leaves what holds no value as it is: %s', (text) => {
  let said: readonly string[];
  try {
    said = validate(schema, parse(text)).map(({ message }) => message);
  } catch (error) {
    said = [(error as Error).message];
  }
  expect(said).not.toEqual([]);
  expect(said.map((message) => redactMessage(message))).toEqual(said);
});

it.each([
  'Value is not a valid LocalDate: Canary',
  'Unknown operation named "Canary".',
  'Argument "person" has invalid value { name: $name, tags: "Canary" }.',
  'Argument "gender" has invalid value Canary.',
  'Enum "Gender" cannot represent non-enum value: "Canary".',
  'Enum "Gender" cannot represent value: "Canary"',
  'Syntax Error: Unexpected character: "Canary".',
  'Syntax Error: Invalid character escape sequence: "\\Canary".',
  'Something that "Canary" says',
  'Canary',
  'Field "a": Canary',
])('says nothing that could be a value: %s', (message) => {
  expect(redactMessage(message) ?? '').not.toContain('Canary');
});
