import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleConsole } from '../../src/server/console-bundle.ts';

/** Writes scripts and style of the console into a folder of compiled JavaScript, where the server looks for them. */
export async function writeConsole(folder: string): Promise<void> {
  const { files } = await bundleConsole();
  const target = join(folder, 'console');
  // Names have hashes: those of a build before would stay.
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(target, name), text);
}
