import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fontFamily } from './svg.ts';

const require = createRequire(import.meta.url);
const fonts = [
  require.resolve('@expo-google-fonts/source-code-pro/400Regular/SourceCodePro_400Regular.ttf'),
  require.resolve('@expo-google-fonts/source-code-pro/600SemiBold/SourceCodePro_600SemiBold.ttf'),
];

let ready: Promise<typeof import('@resvg/resvg-wasm')> | undefined;

/** A picture as PNG, twice its size in pixels, with a font that comes along: the same bytes on every machine. */
export async function asPng(svg: string): Promise<Uint8Array> {
  ready ??= load();
  const { Resvg } = await ready;
  const fontBuffers = await Promise.all(fonts.map((font) => readFile(font)));
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: 2 },
    font: { fontBuffers, defaultFontFamily: fontFamily, monospaceFamily: fontFamily },
  }).render();
  try {
    return image.asPng();
  } finally {
    image.free();
  }
}

async function load() {
  const resvg = await import('@resvg/resvg-wasm');
  await resvg.initWasm(await readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm')));
  return resvg;
}
