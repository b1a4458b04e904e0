import { loadConfig } from '../config.ts';
import { NeedsDatabase } from '../migrator/empty-answer.ts';
import { countOf, describeFindings } from '../migrator/lint/text.ts';
import { lintFolder, lintLive } from '../migrator/lint-sources.ts';
import type { SourceName } from '../source-name.ts';
import { say } from './terminal.ts';

/** `tandem migrate lint`: the exit code is 1 where an error is found, or a migration cannot be read. */
export async function migrateLintCommand({
  sources,
  json,
  live,
}: {
  readonly sources: readonly SourceName[];
  readonly json: boolean;
  readonly live: boolean;
}): Promise<void> {
  const results = [];
  for (const source of sources) {
    try {
      results.push({ source, migrations: await (live ? lintLive(targetOf(source)) : lintFolder(source)) });
    } catch (error) {
      if (!(error instanceof NeedsDatabase)) throw error;
      say(`${source}: ${error.message}`);
      process.exitCode = 1;
    }
  }
  const all = results.flatMap(({ migrations }) => migrations.flatMap(({ findings }) => findings));
  if (all.some(({ severity }) => severity === 'error')) process.exitCode = 1;
  if (json) {
    process.stdout.write(`${JSON.stringify({ ok: process.exitCode !== 1, sources: results })}\n`);
    return;
  }
  for (const { source, migrations } of results) {
    const findings = migrations.flatMap((migration) => migration.findings);
    const count = migrations.length === 1 ? '1 migration' : `${migrations.length} migrations`;
    const lines = [`${source}  ${count}: ${countOf(findings)}`, ...describeFindings(migrations)];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

function targetOf(source: SourceName) {
  const { databases, pool } = loadConfig();
  return { source, database: databases[source], pool };
}
