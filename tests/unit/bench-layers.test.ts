import type { Profiler } from 'node:inspector';
import { expect, it } from 'vitest';
import { timesByLayer } from '../../bench/request-layers.ts';

type Stack = readonly (readonly [functionName: string, url: string])[];

/** A profile of stacks, each from its outermost frame on, with one sample of so many microseconds. */
function profileOf(stacks: readonly (readonly [us: number, stack: Stack])[]): Profiler.Profile {
  const nodes: Profiler.ProfileNode[] = [];
  const add = (functionName: string, url: string, parent?: Profiler.ProfileNode) => {
    const callFrame = { functionName, url, scriptId: '0', lineNumber: 0, columnNumber: 0 };
    const node: Profiler.ProfileNode = { id: nodes.length + 1, callFrame, children: [] };
    nodes.push(node);
    parent?.children?.push(node.id);
    return node;
  };
  const root = add('(root)', '');
  const samples = stacks.map(
    ([, stack]) => stack.reduce((parent, [name, url]) => add(name, url, parent), root).id,
  );
  return { nodes, startTime: 0, endTime: 0, samples, timeDeltas: stacks.map(([us]) => us) };
}

const server = 'file:///app/dist/src/server/graphql.js';
const reads = 'file:///app/dist/src/reads/fetch.js';
const driver = 'file:///app/node_modules/mysql2/lib/base/connection.js';

it('counts what serves several layers to the layer that calls it', () => {
  const times = timesByLayer(
    profileOf([
      [1, [['handler', server]]],
      [
        2,
        [
          ['handler', server],
          ['stringify', ''],
        ],
      ],
      [
        4,
        [
          ['fetchRows', reads],
          ['get', 'file:///app/node_modules/lru-cache/dist/index.js'],
        ],
      ],
    ]),
  );
  expect(Object.fromEntries(times)).toEqual({ 'fastify and server/': 3, 'reads/': 4 });
});

it('tells the sockets of clients from those of databases by what writes to them', () => {
  const times = timesByLayer(
    profileOf([
      [
        1,
        [
          ['handler', server],
          ['end', 'node:_http_outgoing'],
          ['write', 'node:net'],
          ['writeUtf8String', ''],
        ],
      ],
      [
        2,
        [
          ['fetchRows', reads],
          ['write', driver],
          ['write', 'node:internal/streams/writable'],
          ['writeBuffer', ''],
        ],
      ],
      [4, [['onStreamRead', 'node:internal/stream_base_commons']]],
      [
        8,
        [
          ['onStreamRead', 'node:internal/stream_base_commons'],
          ['handlePacket', driver],
        ],
      ],
    ]),
  );
  expect(Object.fromEntries(times)).toEqual({
    'HTTP: Node, sockets of clients': 1,
    'TLS, sockets of databases': 6,
    mysql2: 8,
  });
});

it('leaves out the time in which a process waits', () => {
  const times = timesByLayer(
    profileOf([
      [5, [['(idle)', '']]],
      [7, [['(garbage collector)', '']]],
    ]),
  );
  expect(Object.fromEntries(times)).toEqual({ 'garbage collection': 7 });
});
