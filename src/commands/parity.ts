import { writeFile } from 'node:fs/promises';
import { loadConfig } from '../config/config.ts';
import { openParityClient } from '../parity/client.ts';
import { parityAsJson } from '../parity/formats/json.ts';
import { parityAsJunit } from '../parity/formats/junit.ts';
import { parityAsText } from '../parity/formats/text.ts';
import type { ParityReport } from '../parity/report.ts';
import { type ParityProgress, type ParityRequest, runParity } from '../parity/run.ts';
import { perSource } from '../source-name.ts';
import type { CommandIo } from './command-io.ts';
import { grouped, painterFor, terminalOn } from './terminal.ts';

const formats = {
  text: parityAsText,
  json: parityAsJson,
  junit: parityAsJunit,
} as const satisfies Record<string, (report: ParityReport, paint?: ReturnType<typeof painterFor>) => string>;

/** `tandem parity`: the rows of both clouds. It asks with the migrator's accounts. */
export async function parityCommand(
  {
    format,
    out,
    ...request
  }: ParityRequest & {
    readonly format: keyof typeof formats;
    /** A file; stdout without it. */
    readonly out?: string;
  },
  io: CommandIo,
): Promise<number> {
  const config = loadConfig(io.env);
  const clients = {
    AZURE: await openParityClient('AZURE', config),
    GCP: await openParityClient('GCP', config),
  };
  try {
    const report = await runParity(clients, request, shownOn(io));
    const text = formats[format](report, out === undefined ? painterFor(io.stdout) : undefined);
    if (out === undefined) io.stdout.write(text);
    else await writeFile(out, text);
    return report.exitCode;
  } finally {
    const closing = perSource((source) => clients[source][Symbol.asyncDispose]());
    await Promise.all(Object.values(closing));
  }
}

function shownOn({ stderr }: CommandIo): ParityProgress {
  const { say, progressLine } = terminalOn(stderr);
  const line = progressLine('rows');
  const shown = ({ AZURE, GCP }: { readonly AZURE: number; readonly GCP: number }) =>
    grouped(Math.max(AZURE, GCP));
  return {
    notRecorded: () =>
      say(
        'Neither source lets the run keep a record: it cannot be resumed. The migrator’s account needs CREATE on one that takes changes.',
      ),
    table: ({ table, rows }, { at, of }) => line.update(`${table} (${at} of ${of}): ${shown(rows)} rows`),
    ended: ({ table, verdict, rows }) => line.done(`${table}: ${shown(rows)} rows, ${verdict}`),
  };
}
