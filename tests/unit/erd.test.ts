import { describe, expect, it } from 'vitest';
import type { Diagram, DiagramTable, Relation } from '../../src/erd/diagram.ts';
import { layOut } from '../../src/erd/layout.ts';
import { narrowDiagram } from '../../src/erd/narrow-diagram.ts';
import { packInRows } from '../../src/erd/pack.ts';
import { asPng } from '../../src/erd/png.ts';
import { asSvg } from '../../src/erd/svg.ts';
import { cellsOf } from '../../src/erd/text-width.ts';

function table(name: string, columns: readonly string[] = ['id']): DiagramTable {
  return {
    name,
    mark: null,
    columns: columns.map((column) => ({ name: column, type: 'int', nullable: false, keys: [], mark: null })),
  };
}

function relation(child: string, parent: string, mark: Relation['mark'] = null): Relation {
  return {
    name: `${child}_${parent}_foreign`,
    child: { table: child, column: `${parent}_id` },
    parent: { table: parent, column: 'id' },
    parentCount: 'one',
    childCount: 'zero-or-many',
    mark,
  };
}

const chain: Diagram = {
  title: 'AZURE',
  compared: false,
  tables: ['a', 'b', 'c', 'd', 'e', 'other'].map((name) => table(name)),
  relations: [relation('b', 'a'), relation('c', 'b'), relation('d', 'c'), relation('e', 'd')],
};

/** Few parents, many children, some tables alone: what a large schema looks like. */
function large(count: number): Diagram {
  const relations: Relation[] = [];
  const tables = Array.from({ length: count }, (_, at) => {
    const parents =
      at === 0 || at >= count * 0.9
        ? []
        : [...new Set([at % 7, Math.floor(at / 3)])].filter((one) => one < at);
    relations.push(...parents.map((one) => relation(`t${at}`, `t${one}`)));
    const columns = [
      'id',
      ...parents.map((one) => `t${one}_id`),
      ...Array.from({ length: 3 + (at % 9) }, (_, n) => `c${n}`),
    ];
    return table(`t${at}`, columns);
  });
  return { title: 'AZURE', compared: false, tables, relations };
}

describe('a part of a diagram', () => {
  const namesOf = ({ tables }: Diagram) => tables.map(({ name }) => name);

  it('has the tables named, and the foreign keys between them', () => {
    const part = narrowDiagram(chain, { tables: ['A', 'b', 'd'] });
    expect(namesOf(part)).toEqual(['a', 'b', 'd']);
    expect(part.relations.map(({ name }) => name)).toEqual(['b_a_foreign']);
  });

  it('takes * for any characters, and every other sign for itself', () => {
    const diagram = {
      ...chain,
      tables: ['log_1', 'log_2', 'logs', 'a.b', 'axb'].map((name) => table(name)),
      relations: [],
    };
    expect(namesOf(narrowDiagram(diagram, { tables: ['log_*', 'a.b'] }))).toEqual(['log_1', 'log_2', 'a.b']);
  });

  it('goes along foreign keys in both directions, as many as it may', () => {
    expect(namesOf(narrowDiagram(chain, { around: 'C' }))).toEqual(['b', 'c', 'd']);
    expect(namesOf(narrowDiagram(chain, { around: 'c', depth: 2 }))).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(namesOf(narrowDiagram(chain, { around: 'c', depth: 0 }))).toEqual(['c']);
    expect(namesOf(narrowDiagram(chain, { around: 'c', depth: 2, tables: ['a', 'b', 'other'] }))).toEqual([
      'a',
      'b',
    ]);
  });

  it('is not drawn where a name fits no table', () => {
    expect(() => narrowDiagram(chain, { tables: ['a', 'nowhere'], around: 'x' })).toThrow(
      'No table is called nowhere, x. Those there are: a, b, c, d, e, other.',
    );
  });
});

describe('a large diagram', () => {
  /** The machine may be busy. */
  const patient = { timeoutMs: 110_000 };

  it('is about as wide as high, and not more than two thirds empty', async () => {
    const { boxes, width, height } = await layOut(large(120), patient);
    const filled = boxes.reduce((sum, box) => sum + box.width * box.height, 0);
    expect(filled / (width * height)).toBeGreaterThan(1 / 3);
    expect(width / height).toBeGreaterThan(0.5);
    expect(width / height).toBeLessThan(2);
  });

  it('has no two tables over each other', async () => {
    const { boxes } = await layOut(large(60), patient);
    for (const [at, one] of boxes.entries()) {
      for (const other of boxes.slice(at + 1)) {
        const apart =
          one.x + one.width <= other.x ||
          other.x + other.width <= one.x ||
          one.y + one.height <= other.y ||
          other.y + other.height <= one.y;
        expect(apart, `${one.table.name} and ${other.table.name}`).toBe(true);
      }
    }
  });

  it('begins the lines of one parent at one place', async () => {
    const diagram = { ...chain, relations: ['b', 'c', 'd', 'e'].map((child) => relation(child, 'a')) };
    const { lines } = await layOut(diagram);
    expect(new Set(lines.map(([from]) => `${from?.x} ${from?.y}`)).size).toBe(1);
    expect(lines).toHaveLength(4);
  });

  it('packs rectangles in rows that fit', () => {
    const { places, height } = packInRows(
      [
        { width: 50, height: 10 },
        { width: 60, height: 30 },
        { width: 40, height: 20 },
      ],
      110,
      10,
    );
    expect(places).toEqual([
      { x: 0, y: 40 },
      { x: 0, y: 0 },
      { x: 70, y: 0 },
    ]);
    expect(height).toBe(50);
  });
});

describe('a picture', () => {
  const svg = (width: number, height: number) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><rect width="9" height="9"/></svg>`;
  const sizeOf = (png: Uint8Array) => {
    const bytes = Buffer.from(png);
    return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  };

  it('is twice its size as PNG, or as large as memory allows', async () => {
    expect(sizeOf(await asPng(svg(400, 300)))).toEqual([800, 600]);
    const [width = 0, height = 0] = sizeOf(await asPng(svg(1000, 1500), { pixels: 1_000_000 }));
    expect(width * height).toBeLessThanOrEqual(1_000_000);
    expect(width).toBeGreaterThan(800);
  });

  it('is refused as PNG where names would be too small to read', async () => {
    await expect(asPng(svg(12_412, 40_000))).rejects.toMatchObject({
      message: expect.stringMatching(/12412 × 40000 points.*SVG.*--tables/),
    });
  });

  it('has other scripts than Latin in its PNG, each name another', async () => {
    const pictureOf = async (name: string) =>
      Buffer.from(await asPng(await asSvg({ ...chain, tables: [table(name)], relations: [] }))).toString(
        'base64',
      );
    const names = ['患者', '診療', '환자'];
    const pictures = await Promise.all(names.map(pictureOf));
    expect(new Set(pictures).size).toBe(names.length);
  });

  it('is the same PNG whether the font of other scripts is there or not, for each letter that needs none', async () => {
    const letters = Array.from({ length: 0x17f - 0xa0 }, (_, at) => String.fromCharCode(0xa0 + at));
    const name = `${letters.join('')}…≠`;
    const drawn = await asSvg({ ...chain, tables: [table(name)], relations: [] });
    const outside = '<text x="-100" y="-100">患</text></svg>';
    const [without, withIt] = [await asPng(drawn), await asPng(drawn.replace('</svg>', outside))];
    expect(Buffer.from(without).equals(withIt)).toBe(true);
  });

  it('gives wide characters the room of two', () => {
    expect(['abc', '患者', '환자', 'カナ', 'é', '😀'].map(cellsOf)).toEqual([3, 4, 4, 4, 1, 2]);
  });

  it('says at the child, above all lines, on which side a foreign key is', async () => {
    const text = await asSvg({
      ...chain,
      compared: true,
      relations: [relation('b', 'a', 'AZURE'), relation('c', 'a', 'GCP')],
    });
    const lastLine = text.lastIndexOf('<path d="M');
    expect(text.indexOf('>(only AZURE)</text>')).toBeGreaterThan(lastLine);
    expect(text).toMatch(/paint-order="stroke"[^>]*>\(only GCP\)/);
  });
});
