import type { ElkExtendedEdge, ElkNode, ElkPort } from 'elkjs/lib/elk-api.js';
import { type Diagram, type DiagramTable, type End, words } from './diagram.ts';
import { place } from './place.ts';

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

/** Places tables and lines by ELK's layered algorithm: parents left of children, lines between rows. */
export async function layOut({ tables, relations }: Diagram): Promise<Layout> {
  const measured = tables.map(measure);
  const graph: ElkNode = await place({
    id: 'erd',
    layoutOptions: {
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
    },
    children: measured.map(({ table, width, height }) => node(table, width, height, relations)),
    edges: relations.map(
      ({ parent, child }, at): ElkExtendedEdge => ({
        id: `r${at}`,
        sources: [`r${at}p ${idOf(parent)}`],
        targets: [`r${at}c ${idOf(child)}`],
      }),
    ),
  });
  const placed = new Map(graph.children?.map((child) => [child.id, child]));
  return {
    width: graph.width ?? 0,
    height: graph.height ?? 0,
    boxes: measured.map(({ table, width, height, typesAt }) => {
      const { x = 0, y = 0 } = placed.get(table.name.toLowerCase()) ?? {};
      return { table, x, y, width, height, typesAt };
    }),
    lines: (graph.edges ?? []).map(({ sections = [] }) =>
      sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint]),
    ),
  };
}

function measure(table: DiagramTable) {
  const { character, padding, keys, row, head } = sizes;
  const longest = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => [...text].length));
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
  const here = ({ table: name }: End) => name.toLowerCase() === table.name.toLowerCase();
  const ends = relations.flatMap(({ parent, child }, at) => [
    ...(here(parent) ? [{ id: `r${at}p ${idOf(parent)}`, end: parent, side: 'EAST' }] : []),
    ...(here(child) ? [{ id: `r${at}c ${idOf(child)}`, end: child, side: 'WEST' }] : []),
  ]);
  // Several at one row lie beside each other, so that each end can be read.
  const ports = ends.map(({ id, end, side }): ElkPort => {
    const alike = ends.filter((other) => other.side === side && idOf(other.end) === idOf(end));
    const shift = (alike.findIndex((other) => other.id === id) - (alike.length - 1) / 2) * 14;
    const at = table.columns.findIndex(({ name }) => name.toLowerCase() === end.column.toLowerCase());
    const y = sizes.head + (Math.max(at, 0) + 0.5) * sizes.row + shift;
    const x = side === 'WEST' ? 0 : width;
    const inside = Math.min(Math.max(y, 4), height - 4);
    return { id, x, y: inside, width: 0, height: 0, layoutOptions: { 'elk.port.side': side } };
  });
  return {
    id: table.name.toLowerCase(),
    width,
    height,
    layoutOptions: { 'elk.portConstraints': 'FIXED_POS' },
    ports,
  };
}

function idOf({ table, column }: End): string {
  return `${table} ${column}`.toLowerCase();
}
