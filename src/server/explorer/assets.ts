import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** One file, as it goes over the wire. */
export interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  /** Only for text: fonts and bitmaps are compressed already. */
  readonly gzipped?: Buffer;
}

/** The file of a path, or undefined. Only names seen in the folder exist, so no path leads out of it. */
export type Assets = (path: string) => Promise<Asset | undefined>;

const utf8 = '; charset=utf-8';

const types: Readonly<Record<string, string>> = {
  '.css': `text/css${utf8}`,
  '.html': `text/html${utf8}`,
  '.ico': 'image/x-icon',
  '.js': `text/javascript${utf8}`,
  '.json': `application/json${utf8}`,
  '.png': 'image/png',
  '.svg': `image/svg+xml${utf8}`,
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/** Serves a folder, each file read and compressed once, when first asked for; `own` texts are served beside it. */
export async function openAssets(folder: string, own: ReadonlyMap<string, string>): Promise<Assets> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = new Set(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')),
  );
  const kept = new Map<string, Promise<Asset>>();

  return async (path) => {
    const text = own.get(path);
    if (text === undefined && !names.has(path)) return undefined;
    const asset = kept.get(path) ?? pack(path, text ?? readFile(join(folder, path)));
    kept.set(path, asset);
    return asset;
  };
}

async function pack(path: string, content: string | Promise<Buffer>): Promise<Asset> {
  const type = types[extname(path)] ?? 'application/octet-stream';
  const plain = Buffer.from(await content);
  return type.endsWith(utf8) ? { type, plain, gzipped: await promisify(gzip)(plain) } : { type, plain };
}
