import { sampleKey } from '../api/keys.ts';
import type { ApiSchema } from '../api/schema.ts';
import { type ApiTable, keyFieldOf, labelOf } from '../api/tables.ts';

/** An operation to begin with. It has a variable `$source` where both clouds answer it. */
export interface ExampleOperation {
  readonly name: string;
  readonly text: string;
  readonly variables: string;
}

/** Operations of the tables that are really there, with the fields that the caller's role has. */
export function examplesOf(schema: ApiSchema, tables: readonly ApiTable[]): ExampleOperation[] {
  const of = tables.flatMap((table) => [
    listOf(table, tables),
    ...(table.compared === undefined ? [] : [comparedOf(table, table.compared)]),
    ...(table.one === undefined ? [] : [oneOf(schema, table, table.one)]),
  ]);
  const sources = schema.query.fields.has('sources')
    ? [
        {
          name: 'State of both clouds',
          text: '{\n  sources {\n    source\n    state\n    latencyMs\n    serverVersion\n    migration\n  }\n}\n',
          variables: '{}',
        },
      ]
    : [];
  return [...of, ...sources];
}

const lines = (names: readonly string[], indent: string) =>
  names.map((name) => `${indent}${name}\n`).join('');
const columnsOf = ({ type, columns }: ApiTable) =>
  [keyFieldOf(type), ...columns.slice(0, 5).map(({ name }) => name)].filter((name) => name !== '');
const operationName = (name: string) => `${name[0]?.toUpperCase()}${name.slice(1)}`;

function listOf(table: ApiTable, tables: readonly ApiTable[]): ExampleOperation {
  const [list] = table.lists;
  const related = tables.find(({ type }) => list?.type.name === `${type}Connection`);
  const below =
    list && related
      ? `      ${list.name}(first: 3) {\n        nodes {\n${lines(columnsOf(related).slice(0, 3), '          ')}        }\n      }\n`
      : '';
  return {
    name: labelOf(table.many),
    text: `query ${operationName(table.many)}($source: Source!, $first: Int) {\n  ${table.many}(source: $source, first: $first) {\n    nodes {\n${lines(columnsOf(table), '      ')}${below}    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n`,
    variables: '{ "first": 5 }',
  };
}

function comparedOf(table: ApiTable, compared: string): ExampleOperation {
  const [key = '', ...others] = columnsOf(table);
  const columns = others.length === 0 ? [key] : others;
  const side = (name: string) => `      ${name} {\n${lines(columns, '        ')}      }\n`;
  return {
    name: `${labelOf(table.many)} compared`,
    text: `query ${operationName(compared)}($first: Int) {\n  ${compared}(first: $first) {\n    nodes {\n      ${keyFieldOf(table.type)}\n      status\n      differing\n${side('azure')}${side('gcp')}    }\n  }\n}\n`,
    variables: '{ "first": 5 }',
  };
}

function oneOf(schema: ApiSchema, table: ApiTable, field: string): ExampleOperation {
  return {
    name: `One ${labelOf(field).toLowerCase()}`,
    text: `query ${operationName(field)}($source: Source!, $key: ${table.keyType}!) {\n  ${field}(source: $source, key: $key) {\n    id\n${lines(columnsOf(table), '    ')}  }\n}\n`,
    variables: JSON.stringify({ key: sampleKey(schema, table.keyParts) }),
  };
}
