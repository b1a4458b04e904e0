import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { Encoding } from './accept-encoding.ts';
import { bundleConsole, bundleOf, type ConsoleBundle } from './console-bundle.ts';

/** Two circles that overlap, one a cloud. */
const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke-width="4">
<circle cx="11.5" cy="16" r="8" stroke="#0078d4"/><circle cx="20.5" cy="16" r="8" stroke="#34a853"/></svg>
`;
const icon = `icon-${createHash('sha256').update(logo).digest('hex').slice(0, 8)}.svg`;

/** A file of the console, as it goes over the wire. */
interface ConsoleFile {
  readonly type: string;
  readonly content: Readonly<Record<Encoding | 'identity', Buffer>>;
}

export interface ConsoleFiles {
  /** By their names, which change with what is in them. */
  readonly byName: ReadonlyMap<string, ConsoleFile>;
  readonly script: string;
  readonly style: string;
  readonly icon: string;
}

/** Reads what `npm run build` has left, or bundles the sources, and compresses it: once a process. */
export function loadConsoleFiles(): Promise<ConsoleFiles> {
  loading ??= load();
  return loading;
}

let loading: Promise<ConsoleFiles> | undefined;

async function load(): Promise<ConsoleFiles> {
  const { files, script, style } = (await built()) ?? (await bundleConsole());
  const all = await Promise.all([
    ...Object.entries(files).map(([name, text]) => fileOf(name, text)),
    fileOf(icon, logo),
  ]);
  return { byName: new Map(all), script, style, icon };
}

/** Null where the server runs from its sources. */
async function built(): Promise<ConsoleBundle | null> {
  const folder = new URL('../../console/', import.meta.url);
  const names = await readdir(folder).catch(() => null);
  if (names === null) return null;
  const texts = names.map(async (name) => [name, await readFile(new URL(name, folder), 'utf8')] as const);
  return bundleOf(Object.fromEntries(await Promise.all(texts)));
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
};

async function fileOf(name: string, text: string): Promise<readonly [string, ConsoleFile]> {
  const identity = Buffer.from(text);
  const [br, zipped] = await Promise.all([promisify(brotliCompress)(identity), promisify(gzip)(identity)]);
  return [name, { type: types[extname(name)] as string, content: { identity, br, gzip: zipped } }];
}
