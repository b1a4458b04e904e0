import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundleServe } from '../../scripts/build/bundle-serve.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A folder of JavaScript, gone afterwards. */
export interface Build extends AsyncDisposable {
  readonly folder: string;
}

/**
 * Compiles what tests start as processes of their own, as `npm run build` does: such a process starts in 40 % of the
 * time that tsx takes, and is what runs in production. Types are checked by `npm run check`.
 */
export async function build(): Promise<Build> {
  // Inside the project, so that the files find their modules; of this run alone, since others may run beside it.
  const parent = `${root}/node_modules/.tandem-tests`;
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(`${parent}/build-`);
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(`${folder}/package.json`, '{"type":"module"}');
    const tsc = [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tests/tsconfig.build.json`];
    await promisify(execFile)(process.execPath, [...tsc, '--outDir', folder]);
    await bundleServe(folder);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { folder, [Symbol.asyncDispose]: dispose };
}
