import type { ElkExtendedEdge, ElkNode, ElkPort } from 'elkjs/lib/elk-api.js';
import { type Diagram, type DiagramTable, type End, words } from './diagram.ts';
import { packInRows } from './pack.ts';
import { place } from './run-layout.ts';
import { cellsOf } from './text-width.ts';

/** Sizes in pixels. A character of the font is 0.6 of its height wide, each of them. */
export const sizes = {
  text: 13,
  character: 7.8,
  row: 24,
  head: 32,
  padding: 14,
  keys: 44,
  margin: 32,
} as const;

/** A table with its place. */
export interface Box {
  readonly table: DiagramTable;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Where the types begin, from the left side of the table. */
  readonly typesAt: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  /** For each relation, in the diagram's order, the corners of its line, from the parent to the child. */
  readonly lines: readonly (readonly { readonly x: number; readonly y: number }[])[];
}

const layered = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.spacing.nodeNode': '36',
  'elk.layered.spacing.nodeNodeBetweenLayers': '96',
  'elk.layered.spacing.edgeNodeBetweenLayers': '30',
  'elk.spacing.edgeEdge': '16',
  // Room for both ends of a line from a table to itself.
  'elk.spacing.nodeSelfLoop': '34',
  'elk.padding': '[top=0,left=0,bottom=0,right=0]',
  'elk.randomSeed': '1',
};

/** Tables from which on a layer is bounded, so that the picture is about as wide as it is high. */
const many = 16;

/**
 * For many tables: of the options that ELK has, these left the least of a picture empty. Without a bound the children of
 * one parent make a single layer, and their picture is a strip.
 * https://eclipse.dev/elk/reference/options/org-eclipse-elk-layered-layering-strategy.html
 */
const compact = (tables: number) => ({
  'elk.layered.layering.strategy': 'COFFMAN_GRAHAM',
  'elk.layered.layering.coffmanGraham.layerBound': String(Math.ceil(1.2 * Math.sqrt(tables))),
  'elk.layered.nodePlacement.strategy': 'SIMPLE',
  'elk.spacing.nodeNode': '24',
  'elk.layered.spacing.nodeNodeBetweenLayers': '60',
  'elk.spacing.edgeNode': '8',
  'elk.spacing.edgeEdge': '5',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '5',
});

/**
 * Places tables and lines by ELK's layered algorithm: parents left of children, lines between rows. Tables without a line
 * stand in rows below.
 *
 * @param limits how many milliseconds it may take
 */
export async function layOut(
  { tables, relations }: Diagram,
  limits: Parameters<typeof place>[1] = {},
): Promise<Layout> {
  const measured = tables.map(measure);
  const joined = new Set(relations.flatMap(({ parent, child }) => [key(parent.table), key(child.table)]));
  const [lined, alone] = [
    measured.filter(({ table }) => joined.has(key(table.name))),
    measured.filter(({ table }) => !joined.has(key(table.name))),
  ];
  const graph: ElkNode = await place(
    {
      id: 'erd',
      layoutOptions: {
        ...layered,
        ...(lined.length < many ? {} : compact(lined.length)),
        // Room for the words at the child.
        ...(relations.some(({ mark }) => mark !== null)
          ? { 'elk.layered.spacing.nodeNodeBetweenLayers': '120' }
          : {}),
      },
      children: lined.map(({ table, width, height }) => node(table, width, height, relations)),
      edges: relations.map(
        (relation, at): ElkExtendedEdge => ({
          id: `r${at}`,
          sources: [parentPort(relation)],
          targets: [childPort(relation, at)],
        }),
      ),
    },
    limits,
  );
  const placed = new Map(graph.children?.map((child) => [child.id, child]));
  const { width = 0, height = 0 } = graph;
  const below = lined.length === 0 ? 0 : height + gap;
  const square = Math.sqrt(alone.reduce((sum, box) => sum + (box.width + gap) * (box.height + gap), 0));
  const packed = packInRows(alone, Math.max(width, square * 1.2), gap);
  const rows = new Map(alone.map(({ table }, at) => [key(table.name), packed.places[at]]));
  const boxes = measured.map(({ table, typesAt, ...size }): Box => {
    const row = rows.get(key(table.name));
    const { x = 0, y = 0 } =
      row === undefined ? (placed.get(key(table.name)) ?? {}) : { x: row.x, y: row.y + below };
    return { table, x, y, ...size, typesAt };
  });
  return {
    width: Math.max(width, ...boxes.map((box) => box.x + box.width)),
    height: alone.length === 0 ? height : below + packed.height,
    boxes,
    lines: (graph.edges ?? []).map(({ sections = [] }) =>
      sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint]),
    ),
  };
}

/** Between tables in rows. */
const gap = 28;

function measure(table: DiagramTable) {
  const { character, padding, keys, row, head } = sizes;
  const longest = (texts: readonly string[]) => Math.max(0, ...texts.map(cellsOf));
  const names = longest(table.columns.map(({ name, mark }) => name + words(mark)));
  const types = longest(table.columns.map(typeOf));
  const typesAt = padding + keys + names * character + 18;
  const title = padding * 2 + longest([table.name + words(table.mark)]) * character * 1.1;
  return {
    table,
    typesAt,
    width: Math.ceil(Math.max(typesAt + types * character + padding, title)),
    height: head + table.columns.length * row + 6,
  };
}

/** A column's type as it is drawn: a question mark says that it may be null. */
export function typeOf({ type, nullable }: DiagramTable['columns'][number]): string {
  const short = [...type].length > 44 ? `${[...type].slice(0, 43).join('')}…` : type;
  return nullable ? `${short}?` : short;
}

function node(table: DiagramTable, width: number, height: number, relations: Diagram['relations']): ElkNode {
  const here = ({ table: name }: End) => key(name) === key(table.name);
  const all = relations.flatMap((relation, at) => [
    ...(here(relation.parent) ? [{ id: parentPort(relation), end: relation.parent, side: 'EAST' }] : []),
    ...(here(relation.child) ? [{ id: childPort(relation, at), end: relation.child, side: 'WEST' }] : []),
  ]);
  const ends = [...new Map(all.map((end) => [end.id, end])).values()];
  // Several at one row lie beside each other, so that each end can be read.
  const ports = ends.map(({ id, end, side }): ElkPort => {
    const alike = ends.filter((other) => other.side === side && idOf(other.end) === idOf(end));
    const shift = (alike.findIndex((other) => other.id === id) - (alike.length - 1) / 2) * 14;
    const at = table.columns.findIndex(({ name }) => key(name) === key(end.column));
    const y = sizes.head + (Math.max(at, 0) + 0.5) * sizes.row + shift;
    const x = side === 'WEST' ? 0 : width;
    const inside = Math.min(Math.max(y, 4), height - 4);
    return { id, x, y: inside, width: 0, height: 0, layoutOptions: { 'elk.port.side': side } };
  });
  return {
    id: key(table.name),
    width,
    height,
    layoutOptions: { 'elk.portConstraints': 'FIXED_POS' },
    ports,
  };
}

/** Lines that begin alike at one row of a parent share its port, so that they run as one and then branch. */
function parentPort({ parent, parentCount }: Diagram['relations'][number]): string {
  return `p ${parentCount} ${idOf(parent)}`;
}

function childPort({ child }: Diagram['relations'][number], at: number): string {
  return `r${at} ${idOf(child)}`;
}

function idOf({ table, column }: End): string {
  return key(`${table} ${column}`);
}

/** MySQL's names of tables may have their case lowered on one side. */
const key = (name: string) => name.toLowerCase();
