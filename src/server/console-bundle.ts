import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Texts that browsers load, by the names under which they ask for them; each has a hash of its content in its name. */
export interface ConsoleBundle {
  readonly files: Readonly<Record<string, string>>;
  /** The script that the page names, which loads the other ones when they are needed. */
  readonly script: string;
  readonly style: string;
}

/** Bundles src/console for browsers: for `npm run build`, and where the server runs from its sources. */
export async function bundleConsole(): Promise<ConsoleBundle> {
  // A dependency of development: what is built does not load it.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [{ in: fileURLToPath(new URL('../console/main.tsx', import.meta.url)), out: 'console' }],
    outdir: '/',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    splitting: true,
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
  });
  return bundleOf(Object.fromEntries(outputFiles.map(({ path, text }) => [basename(path), text])));
}

/** The bundle in a folder of such files. */
export function bundleOf(files: ConsoleBundle['files']): ConsoleBundle {
  const named = (pattern: RegExp) => Object.keys(files).find((name) => pattern.test(name)) ?? '';
  return { files, script: named(/^console-.*\.js$/), style: named(/^console-.*\.css$/) };
}
