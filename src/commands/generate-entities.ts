import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { takeSnapshot } from '../drift/snapshot.ts';
import { generateEntities, type ReadView, unmappable } from '../entity-generator/generate.ts';
import { explanationLine } from '../errors/explanation.ts';
import type { CatalogueConnection } from '../information-schema/catalogue-connection.ts';
import type { ViewModel } from '../information-schema/model.ts';
import { fitting } from '../information-schema/name-pattern.ts';
import { readColumns } from '../information-schema/read-columns.ts';
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
  const isWanted = fitting(tables ?? ['*']);
  const { schema, views, unread } = await source.read(async (em) => {
    const { schema } = await takeSnapshot(name, em);
    return {
      schema,
      ...(await readViews(
        em,
        schema.views.filter((view) => isWanted(view.name)),
      )),
    };
  });
  const files = generateEntities(schema, isWanted, views);
  if (files.length === 0) {
    say(
      explanationLine({
        cause: `${name} has no such tables.`,
        remedy: 'npm run -s tandem -- erd lists those that it has.',
      }),
    );
    return 1;
  }
  if (out === undefined) {
    for (const { file, content } of files) io.stdout.write(`// ${file}\n${content}\n`);
  } else {
    const there = force ? [] : await existing(files.map(({ file }) => join(out, file)));
    if (there.length > 0) {
      say(
        explanationLine({
          cause: `${there.join(', ')}: there already, and nothing was written.`,
          remedy: 'give --force, or another --out.',
        }),
      );
      return 1;
    }
    await mkdir(out, { recursive: true });
    await Promise.all(files.map(({ file, content }) => writeFile(join(out, file), content)));
    say(`${files.length} files in ${out}`);
  }
  for (const { notes } of files) for (const note of notes) say(note);
  for (const table of [...schema.tables, ...views].filter((each) => isWanted(each.name))) {
    const reason = unmappable(table);
    if (reason !== null) say(`${table.name} has no entity: ${reason}. A view with other names can be one.`);
  }
  for (const view of unread)
    say(`The view ${view} has no entity: the account may not see what it is made of.`);
  say(`Next: name them in src/entities/index.ts:`);
  for (const { entity, file } of files) say(`  import { ${entity} } from './${file}';`);
  say(`  export const entities = [${files.map(({ entity }) => entity).join(', ')}] as const;`);
  return 0;
}

async function readViews(
  connection: CatalogueConnection,
  views: readonly ViewModel[],
): Promise<{ views: readonly ReadView[]; unread: readonly string[] }> {
  const read: ReadView[] = [];
  for (const { name, definition } of views) {
    if (definition === null) continue;
    const { columns } = await readColumns(connection, name);
    if (columns.length > 0) read.push({ name, definition, columns });
  }
  const names = new Set(read.map(({ name }) => name));
  return { views: read, unread: views.map(({ name }) => name).filter((name) => !names.has(name)) };
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
