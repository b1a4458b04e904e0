import { NeedsDatabase } from '../migrator/empty-database.ts';
import { liveScript, offlineScript, type Script } from '../migrator/migration-script.ts';
import type { SourceName } from '../source-name.ts';
import { type CommandIo, writeResult } from './command-io.ts';
import { targetsOf } from './migration-targets.ts';
import { terminalOn } from './terminal.ts';

/** `tandem migrate sql`: SQL to stdout or a file, everything else to stderr. */
export async function migrateSqlCommand(
  {
    sources,
    out,
    live,
    pending,
    ...span
  }: {
    readonly sources: readonly SourceName[];
    readonly out?: string;
    readonly from?: string;
    readonly to?: string;
    readonly down?: boolean;
    readonly live: boolean;
    readonly pending: boolean;
  },
  { env, stdout, stderr }: CommandIo,
): Promise<number> {
  const { say } = terminalOn(stderr);
  const fail = (message: string) => {
    say(message);
    return 1;
  };
  if (pending && span.down === true) {
    return fail('What is pending cannot be taken back: give --down with --from and --to, or with --live.');
  }
  const scripts = new Map<string, { readonly source: SourceName; readonly script: Script }>();
  try {
    // Without a database the settings need not be there.
    const targets = live || pending ? targetsOf(sources, env) : [];
    for (const [index, source] of sources.entries()) {
      const target = targets[index];
      const script =
        target === undefined
          ? await offlineScript(source, span)
          : await liveScript(target, span, { pending });
      scripts.set(JSON.stringify(script), { source, script });
    }
  } catch (error) {
    if (!(error instanceof NeedsDatabase)) throw error;
    return fail(error.message);
  }
  const [first, second] = [...scripts.values()];
  if (first === undefined) return 0;
  if (second !== undefined) {
    return fail(`The SQL for ${first.source} is not that for ${second.source}: name one with --source.`);
  }
  const { script } = first;
  if ('noSuch' in script) {
    return fail(`No migration is called ${script.noSuch}. \`tandem migrate status\` lists them.`);
  }
  if ('noDown' in script) return fail(`${script.noDown} has no \`down\`: it cannot be taken back.`);
  await writeResult(stdout, script.sql, out);
  const count = script.migrations.length;
  say(
    `${count === 1 ? '1 migration' : `${count} migrations`}${out === undefined ? '' : `, written to ${out}`}.`,
  );
  return 0;
}
