import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { Encoding } from '../accept-encoding.ts';
import { logo } from '../explorer/page.ts';

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
  const { script, style } = (await built()) ?? (await (await import('./bundle.ts')).bundleConsole());
  const files = await Promise.all([
    fileOf('console', 'js', 'text/javascript; charset=utf-8', script),
    fileOf('console', 'css', 'text/css; charset=utf-8', style),
    fileOf('icon', 'svg', 'image/svg+xml; charset=utf-8', logo),
  ]);
  const [[scriptName], [styleName], [iconName]] = files;
  return { byName: new Map(files), script: scriptName, style: styleName, icon: iconName };
}

/** Null where the server runs from its sources. */
async function built() {
  const read = (name: string) => readFile(new URL(`../../console/${name}`, import.meta.url), 'utf8');
  try {
    const [script, style] = await Promise.all([read('console.js'), read('console.css')]);
    return { script, style };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function fileOf(name: string, ending: string, type: string, text: string) {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const identity = Buffer.from(text);
  const [br, zipped] = await Promise.all([promisify(brotliCompress)(identity), promisify(gzip)(identity)]);
  return [`${name}-${hash}.${ending}`, { type, content: { identity, br, gzip: zipped } }] as const;
}
