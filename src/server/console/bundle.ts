import { fileURLToPath } from 'node:url';

/** Texts that browsers load. */
export interface ConsoleBundle {
  readonly script: string;
  readonly style: string;
}

/** Bundles src/console for browsers: for `npm run build`, and where the server runs from its sources. */
export async function bundleConsole(): Promise<ConsoleBundle> {
  // A dependency of development: what is built does not load it.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../console/main.tsx', import.meta.url))],
    outdir: '/',
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
  });
  const text = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
  return { script: text('.js'), style: text('.css') };
}
