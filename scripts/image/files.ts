import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleServe } from '../build/bundle-serve.ts';
import { writeConsole } from '../build/write-console.ts';
import { output, outputIn } from './run.ts';

/** node_modules without what only development needs, as package-lock.json names it; npm checks each by its hash. */
export async function installed(root: string): Promise<void> {
  const app = join(root, 'app');
  await mkdir(app, { recursive: true });
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) await cp(file, join(app, file));
  await outputIn(app, 'npm', 'ci', '--omit=dev', '--ignore-scripts', '--loglevel=error');
}

/** Moves the Node that npm has installed to where a program is looked for. */
export async function nodeRoot(modules: string, root: string): Promise<void> {
  const bin = join(root, 'usr/local/bin');
  await mkdir(bin, { recursive: true });
  const from = join(modules, `app/node_modules/node-linux-${process.arch}`);
  await rename(join(from, 'bin/node'), join(bin, 'node'));
  await rm(from, { recursive: true });
  await rm(join(modules, `app/node_modules/.bin`), { recursive: true, force: true });
}

/** JavaScript from the sources of the working copy, and the console. */
export async function compiled(root: string): Promise<void> {
  // Among the packages that are bundled, and always at one place: a bundle names its files.
  const folder = 'node_modules/.tandem-image';
  await rm(folder, { recursive: true, force: true });
  await output(
    process.execPath,
    'node_modules/typescript/bin/tsc',
    '-p',
    'tsconfig.build.json',
    '--outDir',
    folder,
  );
  await Promise.all([bundleServe(folder), writeConsole(folder)]);
  await cp(folder, join(root, 'app/dist'), { recursive: true });
  await rm(folder, { recursive: true });
  // The image has neither `az` nor `gcloud`.
  await cp('deploy/tokens/metadata-token.mjs', join(root, 'app/metadata-token.mjs'));
}
