import { glob, readFile } from 'node:fs/promises';
import { createSchema } from '../graphql/schema.ts';
import { type OperationFile, persist } from '../persisted-documents/build.ts';
import { writeManifest } from '../persisted-documents/manifest-format.ts';
import { type CommandIo, writeResult } from './command-io.ts';
import { terminalOn } from './terminal.ts';

/** `tandem persist`: a manifest of the operations in some files, on stdout or in a file of its own. */
export async function persistCommand(
  patterns: readonly string[],
  { out, typename }: { readonly out?: string; readonly typename: boolean },
  { stdout, stderr }: CommandIo,
): Promise<number> {
  const { say } = terminalOn(stderr);
  const { files, unmatched } = await read(patterns);
  const persisted = persist(await createSchema(), files, { typename });
  const faults = [
    ...unmatched.map((pattern) => `${pattern}  is no file, and matches none`),
    ...('faults' in persisted ? persisted.faults : []),
  ];
  if (faults.length > 0 || 'faults' in persisted) {
    for (const fault of faults) say(fault);
    return 1;
  }
  const manifest = writeManifest(persisted.operations);
  await writeResult(stdout, manifest, out);
  say(`${persisted.operations.length} operation(s) from ${files.length} file(s)${out ? `, in ${out}` : ''}`);
  return 0;
}

async function read(
  patterns: readonly string[],
): Promise<{ readonly files: readonly OperationFile[]; readonly unmatched: readonly string[] }> {
  const files = new Map<string, OperationFile>();
  const unmatched = new Set(patterns);
  for (const pattern of patterns) {
    for await (const name of glob(pattern)) {
      unmatched.delete(pattern);
      files.set(name, { name, text: await readFile(name, 'utf8') });
    }
  }
  return { files: [...files.values()], unmatched: [...unmatched] };
}
