import { type Installed, installStatements, installTrail } from '../audit/install.ts';
import { type Config, loadConfig } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';
import type { CommandIo } from './command-io.ts';

const { DONE, NOT_INSTALLED, UNREACHABLE } = exitCodes.audit;

/** `tandem audit install`: makes the tables of the trail, or prints what makes them. */
export async function auditInstallCommand(
  { sources, print }: { readonly sources: readonly SourceName[]; readonly print: boolean },
  { env, stdout, stderr }: CommandIo,
): Promise<number> {
  const { config, database } = trailOf(env);
  if (print) {
    for (const source of sources) {
      const statements = installStatements(database, config.databases[source]);
      stdout.write(`-- ${source}\n${statements.map((one) => `${one};\n`).join('')}`);
    }
    return DONE;
  }
  let exitCode: number = DONE;
  for (const source of sources) {
    try {
      const installed = await installTrail(source, config, database);
      stdout.write(describe(installed, database));
      if (installed.statements.length > 0) exitCode = NOT_INSTALLED;
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
      stderr.write(`${source}: ${error.message}\nNext: ${error.extensions.remedy}\n`);
      return UNREACHABLE;
    }
  }
  return exitCode;
}

function describe({ source, statements, beyond }: Installed, database: string): string {
  const lines =
    statements.length === 0
      ? [`${source}: the tables of the trail are in ${database}, and the server may add to them.`]
      : [
          `${source}: the account of these settings cannot install the trail. As an administrator, run:`,
          ...statements.map((one) => `${one};`),
        ];
  const warning =
    beyond.length === 0
      ? []
      : [
          `${source}: the account of the server may do more to the trail than add to it: ${beyond.join('; ')}.`,
        ];
  return `${[...lines, ...warning].join('\n')}\n`;
}

/** @throws ConfigError where the settings name no database for a trail */
function trailOf(env: NodeJS.ProcessEnv): { readonly config: Config; readonly database: string } {
  const config = loadConfig(env);
  if (config.audit !== undefined) return { config, database: config.audit.database };
  throw new ConfigError(
    [
      {
        variable: 'AUDIT_DATABASE',
        problem: 'is missing',
        remedy: 'set it to the name of the database that holds the audit trail',
        readFrom: null,
      },
    ],
    ['the environment', '.env'],
  );
}
