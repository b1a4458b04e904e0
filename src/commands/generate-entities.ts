import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { takeSnapshot } from '../drift/snapshot.ts';
import { generateEntities } from '../entity-generator/generate.ts';
import { fitting } from '../information-schema/name-pattern.ts';
import type { SourceName } from '../source-name.ts';
import type { CommandIo } from './command-io.ts';
import { openAsMigrator } from './open-as-migrator.ts';
import { terminalOn } from './terminal.ts';

/** `tandem generate-entities`: a file of TypeScript for each table of one database (docs/tables.md). */
export async function generateEntitiesCommand(
  {
    source: name,
    tables,
    out,
    force,
  }: {
    readonly source: SourceName;
    /** Names, in which `*` stands for any characters; every table where absent. */
    readonly tables?: readonly string[];
    /** A directory; stdout without it. */
    readonly out?: string;
    readonly force: boolean;
  },
  io: CommandIo,
): Promise<number> {
  const { say } = terminalOn(io.stderr);
  await using source = await openAsMigrator(name, io);
  const { schema } = await source.read((em) => takeSnapshot(name, em));
  const files = generateEntities(schema, fitting(tables ?? ['*']));
  if (files.length === 0) {
    say(`${name} has no such tables. Next: npm run -s tandem -- erd lists those that it has.`);
    return 1;
  }
  if (out === undefined) {
    for (const { file, content } of files) io.stdout.write(`// ${file}\n${content}\n`);
  } else {
    const there = force ? [] : await existing(files.map(({ file }) => join(out, file)));
    if (there.length > 0) {
      say(
        `${there.join(', ')}: there already, and nothing was written. Next: give --force, or another --out.`,
      );
      return 1;
    }
    await mkdir(out, { recursive: true });
    await Promise.all(files.map(({ file, content }) => writeFile(join(out, file), content)));
    say(`${files.length} files in ${out}`);
  }
  for (const { notes } of files) for (const note of notes) say(note);
  if (schema.views.length > 0)
    say(`Views have no entity yet: ${schema.views.map((view) => view.name).join(', ')}.`);
  say(`Next: name them in src/entities/index.ts:`);
  for (const { entity, file } of files) say(`  import { ${entity} } from './${file}';`);
  say(`  export const entities = [${files.map(({ entity }) => entity).join(', ')}] as const;`);
  return 0;
}

async function existing(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map(async (path) =>
      (await access(path).then(
        () => true,
        () => false,
      ))
        ? [path]
        : [],
    ),
  );
  return found.flat();
}
