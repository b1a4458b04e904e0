import { buildSchema } from 'graphql';
import { expect, it } from 'vitest';
import { asksFor, readExample } from '../../scripts/api-docs/examples.ts';
import { renderApi, rootFields } from '../../scripts/api-docs.ts';

const schema = buildSchema(`
  "What is kept."
  interface Node { id: ID! }
  "A patient | a person."
  type Patient implements Node {
    id: ID!
    "Names, the newest first."
    names("At most." first: Int = 3): [String!]! @deprecated(reason: "Use name.")
  }
  "A colour."
  enum Colour { "Like blood." RED BLUE }
  type Ward implements Node { id: ID! }
  "Some patients."
  type PatientConnection { nodes: [Patient!]! }
  "Some wards."
  type WardConnection { nodes: [Ward!]! }
  "Which wards."
  input WardListFilter { some: ID }
  "What is wanted."
  input Wish { "Of which colour." colour: Colour! = RED note: String }
  "A day."
  scalar Day @specifiedBy(url: "https://example.com/day")
  union Anything = Patient
  type Query {
    "One patient."
    patient("Which." id: ID!, wish: Wish = { colour: BLUE }): Patient
    any: [Anything]
    "Patients and wards have types of one form."
    wards: WardConnection
  }
  type Mutation { "Paints." paint(on: Day): Colour! }
`);

const examples = [
  readExample(
    'patient.graphql',
    '# By its id,\n# and no more.\nquery P {\n  patient(id: 1) {\n    id\n  }\n}\n',
  ),
  readExample('paint.twice.graphql', 'mutation {\n  a: paint\n  b: paint\n}\n'),
];
const [patient, paint] = examples as [(typeof examples)[0], (typeof examples)[0]];

it('is a page of everything in the schema', async () => {
  const answers = new Map<typeof patient, unknown>([
    [patient, { patient: { id: '1' } }],
    [paint, { a: 'RED', b: ['x'.repeat(60), { none: null, empty: [] }, 'y'.repeat(60)] }],
  ]);
  expect(rootFields(schema)).toEqual(['patient', 'any', 'wards', 'paint']);
  await expect(renderApi(schema, examples, answers)).toMatchFileSnapshot('../golden/api-docs.md');
});

it('knows whether an example shows the field that it is named after', () => {
  expect(examples.map(asksFor)).toEqual([true, true]);
  expect(asksFor({ ...patient, document: '{ patient(id: 1) { id } any { __typename } }' })).toBe(false);
});
