import { relative } from 'node:path';
import { explanationLines, withPublicNames } from '../errors/explanation.ts';
import { createMigration } from '../migrator/create.ts';
import { describeFindings } from '../migrator/lint/text.ts';
import { type CommandIo, printJson, printLine } from './command-io.ts';
import { terminalOn } from './terminal.ts';

/** `tandem migrate create NAME`: the files’ paths on stdout, what to finish by hand on stderr. */
export async function migrateCreateCommand(
  name: string,
  { json, blank }: { readonly json: boolean; readonly blank: boolean },
  { stdout, stderr }: CommandIo,
): Promise<number> {
  const { say } = terminalOn(stderr);
  const created = await createMigration(name, { blank });
  if ('cause' in created) {
    if (json) printJson(stdout, withPublicNames('creation', created));
    else for (const line of explanationLines(created)) say(line);
    return 1;
  }
  if (json) {
    const findings = created.findings.map((finding) => withPublicNames('lint', finding));
    printJson(stdout, { ...created, findings });
    return 0;
  }
  for (const file of created.files) printLine(stdout, relative(process.cwd(), file));
  const { findings, formatted } = created;
  for (const line of describeFindings([{ name: created.name, findings, impacts: [] }])) say(line);
  say('To finish by hand, alike in both files:');
  const steps = [
    ...(findings.length > 0
      ? ['answer what the lint found: mend it, or allow it with a reason (docs/lint.md)']
      : []),
    'fill new columns of filled tables in batches, in a migration of its own (`migrate create NAME --blank`)',
    'where a column was dropped and another added, see whether it was meant to be renamed',
    'read `down`: it takes back the tables, not the rows',
    ...(formatted ? [] : ['npx biome format --write migrations']),
  ];
  for (const step of steps) say(`  - ${step}`);
  say('Then: npm test -- -u, and read the diff of tests/golden.');
  return 0;
}
