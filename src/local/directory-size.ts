import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of all files below a directory; what vanishes meanwhile counts as nothing. */
export async function directorySize(directory: string): Promise<number> {
  const files = await readdir(directory, { recursive: true }).catch(() => []);
  const found = await Promise.all(files.map((file) => stat(join(directory, file)).catch(() => null)));
  return found.reduce((sum, file) => sum + (file?.isFile() ? file.size : 0), 0);
}
