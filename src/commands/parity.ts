import { type Config, loadConfig } from '../config/config.ts';
import { openParityClient } from '../parity/client.ts';
import { parityAsJson } from '../parity/formats/json.ts';
import { parityAsJunit } from '../parity/formats/junit.ts';
import { parityAsText } from '../parity/formats/text.ts';
import type { ParityClients } from '../parity/on-both.ts';
import { repairAsJson, repairAsText } from '../parity/repair/formats.ts';
import { type RepairRequest, runRepair } from '../parity/repair/repair.ts';
import type { ParityReport } from '../parity/report.ts';
import { type ParityRequest, type RunObserver, runParity } from '../parity/run.ts';
import { RunStopped } from '../parity/run-stopped.ts';
import { perSource } from '../source-name.ts';
import { grouped } from '../util/terminal-text.ts';
import { type CommandIo, writeResult } from './command-io.ts';
import { untilSignal } from './run-until-signal.ts';
import { painterFor, terminalOn } from './terminal.ts';

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
  return onBothClouds(io, async (clients) => {
    const stopped = () => new RunStopped('ABORTED');
    const report = await untilSignal((signal) => runParity(clients, request, shownOn(io), signal), stopped);
    const text = formats[format](report, out === undefined ? painterFor(io.stdout) : undefined);
    await writeResult(io.stdout, text, out);
    return report.exitCode;
  });
}

/** `tandem parity --repair`: what makes one cloud as the other is; it is written with `apply` alone. */
export async function repairCommand(
  { json, out, ...request }: RepairRequest & { readonly json: boolean; readonly out?: string },
  io: CommandIo,
): Promise<number> {
  return onBothClouds(io, async (clients, { audit }) => {
    const line = terminalOn(io.stderr).progressLine('repair');
    const report = await runRepair(
      clients,
      { ...request, trail: audit?.database },
      {
        compared: (table) => line.update(`${table} compared`),
        written: (rows) => line.update(`${grouped(rows)} rows written`),
      },
    );
    line.done(`${grouped(report.applied?.done.length ?? 0)} rows written`);
    const text = json
      ? repairAsJson(report)
      : repairAsText(report, out === undefined ? painterFor(io.stdout) : undefined);
    await writeResult(io.stdout, text, out);
    return report.exitCode;
  });
}

async function onBothClouds(
  io: CommandIo,
  work: (clients: ParityClients, config: Config) => Promise<number>,
): Promise<number> {
  const config = loadConfig(io.env);
  const clients = {
    AZURE: await openParityClient('AZURE', config),
    GCP: await openParityClient('GCP', config),
  };
  try {
    return await work(clients, config);
  } finally {
    const closing = perSource((source) => clients[source][Symbol.asyncDispose]());
    await Promise.all(Object.values(closing));
  }
}

function shownOn({ stderr }: CommandIo): RunObserver {
  const { say, progressLine } = terminalOn(stderr);
  const line = progressLine('rows');
  const shown = ({ AZURE, GCP }: { readonly AZURE: number; readonly GCP: number }) =>
    grouped(Math.max(AZURE, GCP));
  return {
    begun(id) {
      if (id !== null) return;
      say(
        'Neither source lets the run keep a record: it cannot be resumed. The migrator’s account needs CREATE on one that takes changes.',
      );
    },
    table: ({ table, rows }, { at, of }) => line.update(`${table} (${at} of ${of}): ${shown(rows)} rows`),
    ended: ({ table, verdict, rows }) => line.done(`${table}: ${shown(rows)} rows, ${verdict}`),
  };
}
