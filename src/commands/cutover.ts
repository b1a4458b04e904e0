import { loadConfig } from '../config/config.ts';
import { planCutover } from '../cutover/checks.ts';
import { cutoverAsJson, cutoverAsText } from '../cutover/formats.ts';
import { openParityClient } from '../parity/client.ts';
import { type SourceName, sourceNames } from '../source-name.ts';
import type { CommandIo } from './command-io.ts';
import { painterFor } from './terminal.ts';

/** `tandem cutover plan`: what stands between one writable cloud and the other. It changes nothing. */
export async function cutoverPlanCommand(
  { from, to, json }: { readonly from: SourceName; readonly to: SourceName; readonly json: boolean },
  io: CommandIo,
): Promise<number> {
  const config = loadConfig(io.env);
  const open = async (source: SourceName) => {
    const database = config.databases[source];
    const asRuntime = { ...config.databases, [source]: { ...database, migrator: database.runtime } };
    return {
      migrator: await openParityClient(source, config),
      runtime: await openParityClient(source, { ...config, databases: asRuntime }),
      database,
    };
  };
  const clients = { AZURE: await open('AZURE'), GCP: await open('GCP') };
  try {
    const report = await planCutover({ from, to }, clients);
    io.stdout.write(json ? cutoverAsJson(report) : cutoverAsText(report, painterFor(io.stdout)));
    return report.exitCode;
  } finally {
    const all = sourceNames.flatMap((source) => [clients[source].migrator, clients[source].runtime]);
    await Promise.all(all.map((client) => client[Symbol.asyncDispose]()));
  }
}
