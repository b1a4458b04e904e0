import { withPublicNames } from '../errors/explanation.ts';
import { NeedsDatabase } from '../migrator/empty-database.ts';
import { countOf, describeFindings } from '../migrator/lint/text.ts';
import { lintFolder, lintLive } from '../migrator/lint-sources.ts';
import type { SourceName } from '../source-name.ts';
import { type CommandIo, printJson } from './command-io.ts';
import { targetsOf } from './migration-targets.ts';
import { terminalOn } from './terminal.ts';

/** `tandem migrate lint`: the exit code is 1 if the lint finds an error, or cannot read a migration. */
export async function migrateLintCommand(
  {
    sources,
    json,
    live,
    askServer = false,
  }: {
    readonly sources: readonly SourceName[];
    readonly json: boolean;
    readonly live: boolean;
    readonly askServer?: boolean;
  },
  { env, stdout, stderr }: CommandIo,
): Promise<number> {
  const { say } = terminalOn(stderr);
  const results = [];
  let unread = false;
  // Without a database the settings need not be there.
  const targets = live || askServer ? targetsOf(sources, env) : [];
  for (const [index, source] of sources.entries()) {
    const target = targets[index];
    try {
      results.push({
        source,
        migrations: await (target === undefined ? lintFolder(source) : lintLive(target, { ask: askServer })),
      });
    } catch (error) {
      if (!(error instanceof NeedsDatabase)) throw error;
      say(`${source}: ${error.message}`);
      unread = true;
    }
  }
  const all = results.flatMap(({ migrations }) => migrations.flatMap(({ findings }) => findings));
  const exitCode = unread || all.some(({ severity }) => severity === 'error') ? 1 : 0;
  if (json) {
    const shown = results.map(({ source, migrations }) => ({
      source,
      migrations: migrations.map((migration) => ({
        ...migration,
        findings: migration.findings.map((finding) => withPublicNames('lint', finding)),
      })),
    }));
    printJson(stdout, { ok: exitCode === 0, sources: shown });
    return exitCode;
  }
  for (const { source, migrations } of results) {
    const findings = migrations.flatMap((migration) => migration.findings);
    const count = migrations.length === 1 ? '1 migration' : `${migrations.length} migrations`;
    const lines = [`${source}  ${count}: ${countOf(findings)}`, ...describeFindings(migrations)];
    stdout.write(`${lines.join('\n')}\n`);
  }
  return exitCode;
}
