import { type Diagram, type Mark, type Relation, words } from './diagram.ts';
import { type Box, type Layout, layOut, sizes, typeOf } from './layout.ts';

/** The font of the picture; the PNG has it built in. */
export const fontFamily = 'Source Code Pro';

const ink = {
  text: '#1f2933',
  faint: '#66727f',
  line: '#52606d',
  border: '#9aa5b1',
  head: '#e4ecf4',
  row: '#ffffff',
};
const inkOf: Readonly<Record<Mark, string>> = { AZURE: '#0b63ce', GCP: '#b45309', DIFFERS: '#b91c1c' };
const fillOf: Readonly<Record<Mark, string>> = { AZURE: '#e3effc', GCP: '#fdf0dd', DIFFERS: '#fde8e8' };

/** A diagram as SVG: tables with their columns, and foreign keys with crow's feet. The same diagram gives the same bytes. */
export async function asSvg(diagram: Diagram): Promise<string> {
  const layout = await layOut(diagram);
  const { margin } = sizes;
  const legend = diagram.compared ? legendLines(diagram) : [];
  const top = margin + 30;
  const wide = Math.max(layout.width, 420, ...legend.map(({ text }) => text.length * sizes.character + 24));
  const width = Math.ceil(wide + margin * 2);
  const height = Math.ceil(layout.height + top + margin + legend.length * 22 + (legend.length > 0 ? 12 : 0));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="'${fontFamily}', ui-monospace, monospace" font-size="${sizes.text}" role="img">`,
    `<title>${xml(`Tables of ${diagram.title}`)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${margin}" y="${margin + 4}" font-size="15" font-weight="600" fill="${ink.text}">${xml(diagram.title)}</text>`,
    `<g transform="translate(${margin} ${top})">`,
    ...diagram.relations.flatMap((relation, at) => drawRelation(relation, layout.lines[at] ?? [])),
    ...layout.boxes.flatMap(drawTable),
    // Above all lines, with a border of the background, so that none runs through them.
    ...diagram.relations.flatMap(({ mark }, at) => labelOf(mark, layout.lines[at] ?? [])),
    '</g>',
    ...legend.flatMap(({ text, mark }, at) => {
      const y = top + layout.height + 34 + at * 22;
      return [
        ...(mark ? [swatch(margin, y - 11, mark)] : []),
        `<text x="${margin + 24}" y="${y}" fill="${mark ? inkOf[mark] : ink.faint}">${xml(text)}</text>`,
      ];
    }),
    '</svg>',
  ].join('\n')}\n`;
}

function legendLines({ tables, relations }: Diagram): { text: string; mark?: Mark }[] {
  const marks = new Set(
    [...tables, ...tables.flatMap(({ columns }) => columns), ...relations].map(({ mark }) => mark),
  );
  const meanings: Readonly<Record<Mark, string>> = {
    AZURE: 'only AZURE: not there on GCP',
    GCP: 'only GCP: not there on AZURE',
    DIFFERS: 'differs: `tandem drift` says how',
  };
  const lines = (['AZURE', 'GCP', 'DIFFERS'] as const)
    .filter((mark) => marks.has(mark))
    .map((mark) => ({ text: meanings[mark], mark }));
  return lines.length > 0 ? lines : [{ text: 'Both have the same tables, columns and keys.' }];
}

function swatch(x: number, y: number, mark: Mark): string {
  return `<rect x="${x}" y="${y}" width="14" height="14" rx="2" fill="${fillOf[mark]}" stroke="${inkOf[mark]}"${dashed(mark)}/>`;
}

/** Dashed where it is on one side only: to stand out without colours. */
function dashed(mark: Mark | null): string {
  return mark === null || mark === 'DIFFERS' ? '' : ' stroke-dasharray="5 3"';
}

function drawTable({ table, x, y, width, height, typesAt }: Box): string[] {
  const { name, mark, columns } = table;
  const { head, row, padding, keys } = sizes;
  const stroke = mark ? inkOf[mark] : ink.border;
  return [
    `<g transform="translate(${round(x)} ${round(y)})">`,
    `<rect width="${width}" height="${height}" rx="5" fill="${ink.row}"/>`,
    `<path d="M0 ${head}V5a5 5 0 0 1 5 -5H${width - 5}a5 5 0 0 1 5 5V${head}Z" fill="${mark ? fillOf[mark] : ink.head}"/>`,
    `<text x="${padding}" y="${head / 2 + 5}" font-size="14" font-weight="600" fill="${mark ? inkOf[mark] : ink.text}">${xml(name + words(mark))}</text>`,
    ...columns.flatMap((column, at) => {
      const top = head + at * row;
      const base = top + row / 2 + 5;
      const colour = column.mark ? inkOf[column.mark] : ink.text;
      const strong = column.keys.includes('PK') ? ' font-weight="600"' : '';
      return [
        ...(column.mark
          ? [`<rect x="1" y="${top}" width="${width - 2}" height="${row}" fill="${fillOf[column.mark]}"/>`]
          : []),
        ...(column.keys.length > 0
          ? [
              `<text x="${padding}" y="${base}" font-size="10" fill="${ink.faint}">${column.keys.join(' ')}</text>`,
            ]
          : []),
        `<text x="${padding + keys}" y="${base}"${strong} fill="${colour}">${xml(column.name + words(column.mark))}</text>`,
        `<text x="${round(typesAt)}" y="${base}" fill="${column.mark ? colour : ink.faint}">${xml(typeOf(column))}</text>`,
      ];
    }),
    `<rect width="${width}" height="${height}" rx="5" fill="none" stroke="${stroke}"${dashed(mark)}/>`,
    '</g>',
  ];
}

type Point = Layout['lines'][number][number];

function drawRelation({ name, parentCount, childCount, mark }: Relation, points: readonly Point[]): string[] {
  const [from, to] = [points[0], points.at(-1)];
  if (from === undefined || to === undefined) return [];
  const path = points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
  const stroke = mark ? inkOf[mark] : ink.line;
  return [
    `<g fill="none" stroke="${stroke}" stroke-width="1.3">`,
    `<title>${xml(name + words(mark))}</title>`,
    `<path d="${path}"${dashed(mark)}/>`,
    bars(from, parentCount),
    childCount === 'zero-or-many' ? crowsFoot(to) : zeroOrOne(to, -1),
    '</g>',
  ];
}

/** The label of a foreign key that differs, at its child: there the line is its own. */
function labelOf(mark: Mark | null, points: readonly Point[]): string[] {
  const end = points.at(-1);
  if (mark === null || end === undefined) return [];
  const at = `x="${round(end.x - 24)}" y="${round(end.y - 7)}"`;
  return [
    `<text ${at} font-size="10" text-anchor="end" fill="${inkOf[mark]}" stroke="#ffffff" stroke-width="4" stroke-linejoin="round" paint-order="stroke">${xml(words(mark).trim())}</text>`,
  ];
}

/** At the right side of a parent. */
function bars(at: Point, count: Relation['parentCount']): string {
  if (count === 'zero-or-one') return zeroOrOne(at, 1);
  return `<path d="${bar(at, 8)}${bar(at, 13)}"/>`;
}

function zeroOrOne(at: Point, side: 1 | -1): string {
  return `<path d="${bar(at, 8 * side)}"/>${circle(at, 17 * side)}`;
}

/** At the left side of a child. */
function crowsFoot(at: Point): string {
  const { x, y } = at;
  return `<path d="M${round(x - 12)} ${round(y)}L${round(x)} ${round(y - 7)}M${round(x - 12)} ${round(y)}L${round(x)} ${round(y + 7)}"/>${circle(at, -17)}`;
}

function bar({ x, y }: Point, offset: number): string {
  return `M${round(x + offset)} ${round(y - 6)}V${round(y + 6)}`;
}

function circle({ x, y }: Point, offset: number): string {
  return `<circle cx="${round(x + offset)}" cy="${round(y)}" r="4.5" fill="#ffffff"/>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for XML, which knows no control characters: https://www.w3.org/TR/xml/#charsets */
function xml(text: string): string {
  return text
    .replaceAll(/\p{Cc}/gu, '\uFFFD')
    .replaceAll(/[&<>"']/g, (character) => entities[character] as string);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
