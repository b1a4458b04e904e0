import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { TandemError } from '../errors/tandem-error.ts';
import { fontFamily } from './svg.ts';

const require = createRequire(import.meta.url);
const latin = [
  require.resolve('@expo-google-fonts/source-code-pro/400Regular/SourceCodePro_400Regular.ttf'),
  require.resolve('@expo-google-fonts/source-code-pro/600SemiBold/SourceCodePro_600SemiBold.ttf'),
];
/** Scripts that those two lack: Chinese, Japanese, Korean and most others. resvg unpacks it longer than it draws. */
const others = require.resolve('@fontsource/unifont/files/unifont-latin-400-normal.woff2');
/** A character that those two may lack. */
const isOther = /[^\n -\u017e…≠]/;

let ready: Promise<typeof import('@resvg/resvg-wasm')> | undefined;

/** Pixels that a PNG has at most: four bytes each, while it is drawn. */
const mostPixels = 64_000_000;
/** Below this part of its size the names are unreadable. */
const leastScale = 0.4;

/**
 * A picture as PNG, twice its size in pixels or as large as memory allows, with fonts that come along: the same bytes on
 * every machine.
 *
 * @throws TandemError OPERATION_TOO_COMPLEX where names would be too small to read
 */
export async function asPng(svg: string, { pixels = mostPixels } = {}): Promise<Uint8Array> {
  const scale = scaleOf(svg, pixels);
  ready ??= load();
  const { Resvg } = await ready;
  const fonts = isOther.test(svg) ? [...latin, others] : latin;
  const fontBuffers = await Promise.all(fonts.map((font) => readFile(font)));
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: scale },
    font: { fontBuffers, defaultFontFamily: fontFamily, monospaceFamily: fontFamily },
  }).render();
  try {
    return image.asPng();
  } finally {
    image.free();
  }
}

function scaleOf(svg: string, pixels: number): number {
  const [, width = '0', height = '0'] = /<svg [^>]*width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
  const scale = Math.min(2, Math.sqrt(pixels / (Number(width) * Number(height))));
  if (scale >= leastScale) return Math.floor(scale * 100) / 100;
  throw new TandemError('OPERATION_TOO_COMPLEX', {
    message: `The picture has ${width} × ${height} points, too many for a PNG: write it as SVG, or draw fewer tables (--tables, --around).`,
  });
}

async function load() {
  const resvg = await import('@resvg/resvg-wasm');
  await resvg.initWasm(await readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm')));
  return resvg;
}
