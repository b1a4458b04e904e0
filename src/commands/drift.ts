import { asJson } from '../drift/formats/json.ts';
import { asJunit } from '../drift/formats/junit.ts';
import { asMarkdown } from '../drift/formats/markdown.ts';
import { asText } from '../drift/formats/text.ts';
import { type DriftReport, type FailOn, reportDrift, type Wanted } from '../drift/report.ts';
import type { SourceName } from '../source-name.ts';
import { type CommandIo, writeResult } from './command-io.ts';
import { openAsMigrator } from './open-as-migrator.ts';
import { painterFor } from './terminal.ts';

const formats = {
  text: asText,
  json: asJson,
  junit: asJunit,
  markdown: asMarkdown,
} as const satisfies Record<string, (report: DriftReport, paint?: ReturnType<typeof painterFor>) => string>;

/** `tandem drift`: both clouds, the entities and the histories. It asks with the migrator's accounts. */
export async function driftCommand(
  {
    sources,
    format,
    out,
    ...wanted
  }: Wanted & {
    readonly sources: readonly SourceName[];
    readonly format: keyof typeof formats;
    /** A file; stdout without it. */
    readonly out?: string;
    readonly failOn: FailOn;
  },
  io: CommandIo,
): Promise<number> {
  const { stdout } = io;
  const asked = await Promise.all(sources.map((source) => openAsMigrator(source, io)));
  try {
    const report = await reportDrift(asked, wanted);
    const text = formats[format](report, out === undefined ? painterFor(stdout) : undefined);
    await writeResult(stdout, text, out);
    return report.exitCode;
  } finally {
    await Promise.all(asked.map((source) => source[Symbol.asyncDispose]()));
  }
}
