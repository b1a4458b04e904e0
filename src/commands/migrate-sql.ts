import { writeFile } from 'node:fs/promises';
import { loadConfig } from '../config/config.ts';
import { NeedsDatabase } from '../migrator/empty-database.ts';
import { liveScript, offlineScript, type Script } from '../migrator/sql.ts';
import type { SourceName } from '../source-name.ts';
import type { CommandIo } from './command-io.ts';
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
    for (const source of sources) {
      const script =
        live || pending
          ? await liveScript(targetOf(source, env), span, { pending })
          : await offlineScript(source, span);
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
  if (out === undefined) stdout.write(script.sql);
  else await writeFile(out, script.sql);
  const count = script.migrations.length;
  say(
    `${count === 1 ? '1 migration' : `${count} migrations`}${out === undefined ? '' : `, written to ${out}`}.`,
  );
  return 0;
}

function targetOf(source: SourceName, env: NodeJS.ProcessEnv) {
  const { databases, pool } = loadConfig(env);
  return { source, database: databases[source], pool };
}
