import { writeFile } from 'node:fs/promises';
import { loadConfig } from '../config.ts';
import { NeedsDatabase } from '../migrator/empty-answer.ts';
import { liveScript, offlineScript, type Script } from '../migrator/sql.ts';
import type { SourceName } from '../source-name.ts';
import { say } from './terminal.ts';

/** `tandem migrate sql`: SQL to stdout or a file, everything else to stderr. */
export async function migrateSqlCommand({
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
  readonly live: boolean;
  readonly pending: boolean;
}): Promise<void> {
  const scripts = new Map<string, { readonly source: SourceName; readonly script: Script }>();
  try {
    for (const source of sources) {
      const script =
        live || pending
          ? await liveScript(targetOf(source), span, { pending })
          : await offlineScript(source, span);
      scripts.set(JSON.stringify(script), { source, script });
    }
  } catch (error) {
    if (!(error instanceof NeedsDatabase)) throw error;
    fail(error.message);
    return;
  }
  const [first, second] = [...scripts.values()];
  if (first === undefined) return;
  if (second !== undefined) {
    fail(`The SQL for ${first.source} is not that for ${second.source}: name one with --source.`);
    return;
  }
  const { script } = first;
  if ('noSuch' in script) {
    fail(`No migration is called ${script.noSuch}. \`tandem migrate status\` lists them.`);
    return;
  }
  if (out === undefined) process.stdout.write(script.sql);
  else await writeFile(out, script.sql);
  const count = script.migrations.length;
  say(
    `${count === 1 ? '1 migration' : `${count} migrations`}${out === undefined ? '' : `, written to ${out}`}.`,
  );
}

function fail(message: string): void {
  say(message);
  process.exitCode = 1;
}

function targetOf(source: SourceName) {
  const { databases, pool } = loadConfig();
  return { source, database: databases[source], pool };
}
