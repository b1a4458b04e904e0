import { writeFile } from 'node:fs/promises';
import { styleText } from 'node:util';
import { asJson } from '../drift/formats/json.ts';
import { asJunit } from '../drift/formats/junit.ts';
import { asMarkdown } from '../drift/formats/markdown.ts';
import { asText } from '../drift/formats/text.ts';
import { type DriftReport, type FailOn, reportDrift } from '../drift/report.ts';
import type { SourceName } from '../source-name.ts';
import { openAsMigrator } from './open-as-migrator.ts';

const formats = {
  text: (report: DriftReport, terminal: boolean) =>
    asText(
      report,
      terminal ? (format, text) => styleText(format, text, { stream: process.stdout }) : undefined,
    ),
  json: asJson,
  junit: asJunit,
  markdown: asMarkdown,
} as const satisfies Record<string, (report: DriftReport, terminal: boolean) => string>;

/** `tandem drift`: both clouds, the entities and the histories. It asks with the migrator's accounts. */
export async function driftCommand({
  sources,
  format,
  out,
  failOn,
}: {
  readonly sources: readonly SourceName[];
  readonly format: keyof typeof formats;
  /** A file; stdout without it. */
  readonly out?: string;
  readonly failOn: FailOn;
}): Promise<void> {
  const asked = await Promise.all(sources.map(openAsMigrator));
  try {
    const report = await reportDrift(asked, { failOn });
    const text = formats[format](report, out === undefined);
    if (out === undefined) process.stdout.write(text);
    else await writeFile(out, text);
    process.exitCode = report.exitCode;
  } finally {
    await Promise.all(asked.map((source) => source[Symbol.asyncDispose]()));
  }
}
