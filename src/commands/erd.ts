import { rename, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { type SchemaSnapshot, takeSnapshot } from '../drift/snapshot.ts';
import { type Diagram, diagramOf } from '../erd/diagram.ts';
import { asMermaid } from '../erd/mermaid.ts';
import { type Narrowing, narrowDiagram } from '../erd/narrow-diagram.ts';
import { asPng } from '../erd/png.ts';
import { asSvg } from '../erd/svg.ts';
import { explanationLine } from '../errors/explanation.ts';
import type { SourceName } from '../source-name.ts';
import type { CommandIo } from './command-io.ts';
import { openAsMigrator } from './open-as-migrator.ts';
import { terminalOn } from './terminal.ts';

const formats = {
  mermaid: asMermaid,
  svg: asSvg,
  png: async (diagram: Diagram) => asPng(await asSvg(diagram)),
};
type Format = keyof typeof formats;

const byEnding: Readonly<Record<string, Format>> = {
  '.svg': 'svg',
  '.png': 'png',
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
};

/** `tandem erd`: the tables of one database, or of both over each other, with what differs painted. */
export async function erdCommand(
  {
    sources,
    out,
    format = out === undefined ? 'mermaid' : byEnding[extname(out).toLowerCase()],
    ...narrowing
  }: Narrowing & {
    readonly sources: readonly SourceName[];
    readonly format?: Format | undefined;
    /** A file; stdout without it. */
    readonly out?: string;
  },
  io: CommandIo,
): Promise<number> {
  const { stdout, stderr } = io;
  const { say } = terminalOn(stderr);
  if (format === undefined) {
    say(
      explanationLine({
        cause: `${out} has an ending that names no format.`,
        remedy: 'end it in .svg, .png, .mmd or .mermaid, or give --format.',
      }),
    );
    return 1;
  }
  if (format === 'png' && out === undefined && stdout.isTTY === true) {
    say('A PNG is not for a terminal. Name a file with --out, or send it to one with >.');
    return 1;
  }
  const both = sources.map((source) => observed(source, io));
  const [first, second] = (await Promise.all(both)) as [SchemaSnapshot, SchemaSnapshot?];
  const whole = diagramOf(first, second);
  if (whole.tables.length === 0) {
    say(explanationLine({ cause: `${whole.title}: no tables.`, remedy: 'npm run -s tandem -- migrate up' }));
    return 1;
  }
  const diagram = narrowDiagram(whole, narrowing);
  const picture = await formats[format](diagram);
  if (out === undefined) {
    stdout.write(picture);
    return 0;
  }
  // A reader of the file gets the old picture or the new one, never half of one.
  await writeFile(`${out}.part`, picture);
  await rename(`${out}.part`, out);
  say(
    `${diagram.title}: ${diagram.tables.length} tables, ${diagram.relations.length} foreign keys, in ${out}`,
  );
  return 0;
}

async function observed(name: SourceName, io: CommandIo): Promise<SchemaSnapshot> {
  await using source = await openAsMigrator(name, io);
  return await source.read((em) => takeSnapshot(name, em));
}
