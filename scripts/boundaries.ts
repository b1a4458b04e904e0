// Which folder of src may import which, and the picture of it in docs/architecture.md: `npm run docs`.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';

/**
 * Folders of `src`, and the files that stand beside them, in the order in which data flows. Each may import the ones
 * named, and itself. Types count as imports. tests/unit/boundaries.test.ts holds the code to this table.
 */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  cli: ['commands'],
  commands: [
    'access',
    'audit',
    'entities',
    'start',
    'seeders',
    'migrator',
    'preflight',
    'local',
    'graphql',
    'observability',
    'erd',
    'cutover',
    'parity',
    'drift',
    'sources',
    'errors',
    'config',
    'util',
    'source-name',
    'persisted-documents',
    'entity-generator',
    'information-schema',
    'cluster',
    'log',
  ],
  start: [
    'access',
    'tune-v8',
    'server',
    'migrator',
    'graphql',
    'resolvers',
    'observability',
    'sources',
    'config',
    'util',
    'source-name',
    'cluster',
    'log',
  ],
  'tune-v8': [],
  console: [],
  server: [
    'scalars',
    'access',
    'audit',
    'entities',
    'graphql',
    'observability',
    'context',
    'parity',
    'sources',
    'errors',
    'config',
    'util',
    'source-name',
    'persisted-documents',
    'log',
  ],
  seeders: ['migrator', 'sources', 'entities', 'sql'],
  migrator: [
    'preflight',
    'drift',
    'sources',
    'information-schema',
    'sql',
    'errors',
    'config',
    'util',
    'source-name',
    'log',
  ],
  cutover: [
    'preflight',
    'parity',
    'drift',
    'information-schema',
    'sql',
    'errors',
    'config',
    'util',
    'source-name',
  ],
  preflight: ['audit', 'sources', 'information-schema', 'sql', 'errors', 'config', 'util', 'source-name'],
  local: ['errors', 'source-name'],
  graphql: [
    'access',
    'audit',
    'entities',
    'resolvers',
    'observability',
    'context',
    'reads',
    'column-types',
    'scalars',
    'errors',
    'config',
    'util',
    'source-name',
    'log',
  ],
  resolvers: [
    'scalars',
    'access',
    'context',
    'writes',
    'reads',
    'column-types',
    'compare',
    'erd',
    'migrator',
    'parity',
    'drift',
    'sources',
    'entities',
    'sql',
    'errors',
    'util',
    'source-name',
    'log',
  ],
  compare: [
    'context',
    'reads',
    'column-types',
    'parity',
    'sources',
    'information-schema',
    'sql',
    'errors',
    'source-name',
  ],
  observability: ['sources', 'sql', 'config', 'util', 'source-name', 'log'],
  context: [
    'access',
    'audit',
    'parity',
    'writes',
    'reads',
    'sources',
    'entities',
    'config',
    'util',
    'source-name',
    'log',
  ],
  writes: [
    'access',
    'audit',
    'reads',
    'column-types',
    'sources',
    'entities',
    'information-schema',
    'sql',
    'errors',
    'util',
    'source-name',
  ],
  audit: ['access', 'sources', 'information-schema', 'sql', 'errors', 'config', 'source-name'],
  reads: ['access', 'audit', 'entities', 'column-types', 'sources', 'sql', 'errors', 'util', 'source-name'],
  'column-types': ['scalars', 'sql', 'util'],
  'entity-generator': ['information-schema', 'sql', 'util'],
  erd: ['drift', 'information-schema', 'errors', 'source-name'],
  parity: [
    'audit',
    'drift',
    'sources',
    'information-schema',
    'sql',
    'errors',
    'config',
    'util',
    'source-name',
    'log',
  ],
  drift: ['sources', 'information-schema', 'sql', 'errors', 'util', 'source-name'],
  sources: ['entities', 'information-schema', 'sql', 'errors', 'config', 'util', 'source-name'],
  entities: ['access', 'scalars', 'errors', 'util', 'source-name'],
  access: ['errors', 'config', 'util', 'source-name', 'log'],
  scalars: [],
  'information-schema': ['sql', 'errors', 'source-name'],
  sql: [],
  errors: ['source-name'],
  config: ['errors', 'util', 'source-name', 'persisted-documents'],
  util: [],
  'source-name': [],
  'persisted-documents': [],
  cluster: ['errors', 'log'],
  log: [],
};

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

/** The table as a picture: an arrow for each import that no longer way already shows. */
export function renderBoundaries(): string {
  const reaches = (from: string, to: string): boolean =>
    (mayImport[from] ?? []).some((next) => next === to || reaches(next, to));
  const arrows = Object.entries(mayImport).flatMap(([room, targets]) =>
    targets
      .filter((target) => !targets.some((other) => other !== target && reaches(other, target)))
      .map((target) => `  ${room} --> ${target}`),
  );
  return ['```mermaid', 'flowchart TD', ...arrows, '```'].join('\n');
}

/** Files that look for quotation marks in texts that are no SQL. */
const notSql: Readonly<Record<string, string>> = {
  'config/password-command.ts': 'the command line of a program',
  'errors/from-mysql.ts': 'messages of MySQL',
  'graphql/redact-messages.ts': 'messages of graphql-js',
  'migrator/refused-statement.ts': 'messages of MySQL',
  'migrator/source-literals.ts': 'JavaScript',
  'preflight/problem.ts': 'messages of MySQL',
  'server/request-body.ts': 'a header of HTTP',
};

/**
 * Patterns and replacements with which a file tells what is in quotation marks, or puts it there. Only `sql/` does so
 * with SQL; `local/` writes no statement that comes from elsewhere, and the console none.
 *
 * @returns each in one sentence; that of a file that is excepted and has none, too
 */
export function quotesReadIn(root: string, excepted = notSql): string[] {
  const found = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll(sep, '/'))
    .filter((file) => file.endsWith('.ts') && !/^(sql|local|console)\//.test(file))
    .flatMap((file) => {
      const lines = readFileSync(join(root, file), 'utf8').split('\n');
      return lines.flatMap((line, at) =>
        quoting.some((pattern) => pattern.test(line)) ? [{ file, at }] : [],
      );
    });
  const unused = Object.keys(excepted).filter((name) => !found.some(({ file }) => file === name));
  return [
    ...found
      .filter(({ file }) => excepted[file] === undefined)
      .map(
        ({ file, at }) =>
          `src/${file}:${at + 1} looks for quotation marks: SQL is read and quoted in src/sql.`,
      ),
    ...unused.map((file) => `src/${file} is excepted and looks for none.`),
  ];
}

/** A class of characters without a quotation mark, as in '[^']*'; a mark that becomes two, or two that become one. */
const quoting = [/\[\^[^\]]*['"`][^\]]*\]/, /replace(All)?\(.*("''"|'``'|'""')/];
