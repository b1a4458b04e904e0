import { writeFile } from 'node:fs/promises';
import { styleText } from 'node:util';
import { loadConfig } from '../config.ts';
import { asJson } from '../drift/formats/json.ts';
import { asJunit } from '../drift/formats/junit.ts';
import { asMarkdown } from '../drift/formats/markdown.ts';
import { asText } from '../drift/formats/text.ts';
import { type Asked, type DriftReport, type FailOn, reportDrift } from '../drift/report.ts';
import { fromMysql } from '../errors/from-mysql.ts';
import type { SourceName } from '../source-name.ts';
import { openDatabase } from '../sources/database.ts';
import { namesIn } from '../sources/names.ts';

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
  const { databases, pool } = loadConfig();
  const opened = await Promise.all(
    sources.map(async (source) => ({
      source,
      database: await openDatabase(source, databases[source], databases[source].migrator, pool, {
        silent: true,
      }),
    })),
  );
  try {
    const asked = opened.map(({ source, database: { orm } }): Asked => {
      return {
        source,
        orm,
        read: (work) =>
          work(orm.em.fork()).catch((error) => {
            throw fromMysql(error, source, namesIn(orm.getMetadata())) ?? error;
          }),
      };
    });
    const report = await reportDrift(asked, { failOn });
    const text = formats[format](report, out === undefined);
    if (out === undefined) process.stdout.write(text);
    else await writeFile(out, text);
    process.exitCode = report.exitCode;
  } finally {
    await Promise.all(opened.map(({ database }) => database.close()));
  }
}
