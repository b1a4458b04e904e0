import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleConsole } from '../../src/server/console/bundle.ts';

/** Writes script and style of the console into a folder of compiled JavaScript, where the server looks for them. */
export async function writeConsole(folder: string): Promise<void> {
  const { script, style } = await bundleConsole();
  const target = join(folder, 'src/console');
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'console.js'), script);
  await writeFile(join(target, 'console.css'), style);
}
