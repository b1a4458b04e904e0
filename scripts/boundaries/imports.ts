// Holds the imports of src to the table of boundaries.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { mayImport } from '../boundaries.ts';

/** An import of one file of `src` by another. */
export interface Import {
  /** Paths below `src`, with `/`. */
  readonly from: string;
  readonly to: string;
}

/** The room that a path below `src` belongs to: its first folder, or the file itself without its ending. */
export function roomOf(path: string): string {
  const [first = '', ...rest] = path.split('/');
  return rest.length > 0 ? first : first.replace(/\.ts$/, '');
}

/** Rooms in `root` without a row in the table, though no file of theirs imports anything, and rows without a room; each in one sentence. */
export function unlistedIn(root: string, table = mayImport): string[] {
  const rooms = new Set(readdirSync(root).map((name) => name.replace(/\.ts$/, '')));
  return [
    ...[...rooms]
      .filter((room) => !Object.hasOwn(table, room))
      .map((room) => `src/${room}: the table has no row for ${room}.`),
    ...Object.keys(table)
      .filter((room) => !rooms.has(room))
      .map((room) => `The table has a row for ${room}, which is not in src.`),
  ];
}

/** All imports of files in `root` by relative paths, those of types and `import()` included. */
export function importsIn(root: string): Import[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .flatMap((file) =>
      Array.from(readFileSync(join(root, file), 'utf8').matchAll(specifier), ([, target = '']) => ({
        from: file.replaceAll(sep, '/'),
        to: normalize(join(dirname(file), target)).replaceAll(sep, '/'),
      })),
    );
}

const specifier = /\b(?:from|import)\s*\(?\s*'(\.[^']+\.tsx?)'/g;

/** Imports that the table does not allow, and folders that it does not have, each in one sentence. */
export function faultsIn(imports: readonly Import[], table = mayImport): string[] {
  return imports.flatMap(({ from, to }) => {
    const [room, target] = [roomOf(from), roomOf(to)];
    if (room === target) return [];
    if (!table[room]) return [`src/${from}: the table has no row for ${room}.`];
    return table[room].includes(target)
      ? []
      : [`src/${from} imports ${to}: ${room} may not import ${target}.`];
  });
}

/**
 * A way from a room back to itself along what the table allows.
 *
 * @returns its rooms, the first one again at the end; undefined where there is none
 */
export function cycleIn(table: Readonly<Record<string, readonly string[]>>): string[] | undefined {
  const done = new Set<string>();
  const visit = (room: string, path: readonly string[]): string[] | undefined => {
    const start = path.indexOf(room);
    if (start >= 0) return [...path.slice(start), room];
    if (done.has(room)) return;
    for (const target of table[room] ?? []) {
      const cycle = visit(target, [...path, room]);
      if (cycle) return cycle;
    }
    done.add(room);
    return;
  };
  for (const room of Object.keys(table)) {
    const cycle = visit(room, []);
    if (cycle) return cycle;
  }
  return;
}
