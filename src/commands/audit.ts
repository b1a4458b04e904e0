import { setTimeout as delay } from 'node:timers/promises';
import { type AuditClient, openAuditClient } from '../audit/client.ts';
import { exportSeals, readExportedSeals } from '../audit/export-seals.ts';
import { auditFindings } from '../audit/finding.ts';
import { type Installed, installStatements, installTrail } from '../audit/install.ts';
import { sealTrail } from '../audit/sealer.ts';
import { type AuditReport, verifyTrail } from '../audit/verify.ts';
import { type Config, loadConfig } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import { type Explanation, explanationLines } from '../errors/explanation.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';
import { type CommandIo, printJson } from './command-io.ts';
import { firstSignal } from './run-until-signal.ts';

const { DONE, BROKEN, NOT_INSTALLED, UNREACHABLE } = exitCodes.audit;

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
      say(stderr, source, { cause: error.message, remedy: error.extensions.remedy });
      return UNREACHABLE;
    }
  }
  return exitCode;
}

function describe({ source, statements, beyond, revokes }: Installed, database: string): string {
  const lines =
    statements.length === 0
      ? [`${source}: the tables of the trail are in ${database}, and the server may add to them.`]
      : [
          `${source}: the accounts of these settings lack rights for the trail. As an administrator, run:`,
          ...statements.map((one) => `${one};`),
        ];
  const warning =
    beyond.length === 0
      ? []
      : [
          `${source}: an account may do more to the trail than it needs: ${beyond.join('; ')}. As an administrator, run:`,
          ...revokes.map((one) => `${one};`),
        ];
  return `${[...lines, ...warning].join('\n')}\n`;
}

/**
 * `tandem audit seal`: seals the rows that are committed, and exports the seals.
 *
 * @param every seconds after which it does so again, until SIGINT or SIGTERM; absent: once
 */
export async function auditSealCommand(
  {
    sources,
    out,
    every,
  }: { readonly sources: readonly SourceName[]; readonly out: string; readonly every?: number },
  { env, stdout, stderr }: CommandIo,
): Promise<number> {
  const { config, database } = trailOf(env);
  const pause = new AbortController();
  if (every !== undefined) void firstSignal().then(() => pause.abort());
  for (;;) {
    const outcome = await onEach({ sources, config, database, stderr }, async (client) => {
      const rows = await sealTrail(client);
      const seals = await exportSeals(client, out);
      const what = rows === null ? 'another sealer is at work' : `${rows} rows sealed`;
      stdout.write(`${client.source}: ${what}, ${seals} seals exported\n`);
      return DONE;
    });
    if (every === undefined) return outcome;
    await delay(every * 1000, undefined, { signal: pause.signal }).catch(() => {});
    if (pause.signal.aborted) return outcome;
  }
}

/** `tandem audit verify`: whether all is as it was sealed. */
export async function auditVerifyCommand(
  {
    sources,
    seals,
    json,
  }: { readonly sources: readonly SourceName[]; readonly seals?: string; readonly json: boolean },
  { env, stdout, stderr }: CommandIo,
): Promise<number> {
  const { config, database } = trailOf(env);
  const exported = seals === undefined ? [] : await readExportedSeals(seals);
  const reports: AuditReport[] = [];
  const outcome = await onEach({ sources, config, database, stderr }, async (client) => {
    const report = await verifyTrail(client, exported);
    reports.push(report);
    if (!json) stdout.write(describeReport(report));
    return report.verdict === 'BROKEN' ? BROKEN : DONE;
  });
  if (json) printJson(stdout, { exitCode: outcome, sources: reports });
  return outcome;
}

function describeReport({ source, verdict, seals, rows, unsealed, head, findings }: AuditReport): string {
  const open = unsealed === 0 ? '' : `, ${unsealed} rows not sealed yet`;
  const last = head === null ? '' : `; the last seal is ${head.number} ${head.hash}`;
  return [
    `${source}: ${verdict}: ${rows} rows in ${seals} seals${open}${last}`,
    ...findings.map(({ kind, seal, row }) =>
      [
        `  ${kind}`,
        ...(row === undefined ? [] : [`row ${row}`]),
        ...(seal === undefined ? [] : [`seal ${seal}`]),
      ].join('  '),
    ),
    ...[...new Set(findings.map(({ kind }) => kind))].flatMap((kind) =>
      explanationLines(auditFindings[kind], { label: kind }),
    ),
    '',
  ].join('\n');
}

/**
 * Works on the trail of each source.
 *
 * @returns the worst of their exit codes: what is broken before what does not answer
 */
async function onEach(
  {
    sources,
    config,
    database,
    stderr,
  }: {
    readonly sources: readonly SourceName[];
    readonly config: Config;
    readonly database: string;
    readonly stderr: CommandIo['stderr'];
  },
  work: (client: AuditClient) => Promise<number>,
): Promise<number> {
  const codes: number[] = [];
  for (const source of sources) {
    try {
      await using client = await openAuditClient(source, config, { database });
      codes.push(await work(client));
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
      const isMissing = error.code === 'SCHEMA_OUTDATED' || error.code === 'SOURCE_ACCESS_DENIED';
      say(
        stderr,
        source,
        isMissing
          ? { cause: 'The trail cannot be read here.', remedy: 'Run `tandem audit install`.' }
          : { cause: error.message, remedy: error.extensions.remedy },
      );
      codes.push(isMissing ? NOT_INSTALLED : UNREACHABLE);
    }
  }
  return codes.includes(BROKEN) ? BROKEN : Math.max(DONE, ...codes);
}

function say(stderr: CommandIo['stderr'], source: SourceName, explanation: Explanation): void {
  stderr.write(`${explanationLines(explanation, { label: source }).join('\n')}\n`);
}

/** @throws ConfigError where the settings name no database for a trail */
function trailOf(env: NodeJS.ProcessEnv): { readonly config: Config; readonly database: string } {
  const config = loadConfig(env);
  const database = config.audit?.database;
  if (database !== undefined) return { config, database };
  throw new ConfigError(
    [
      {
        variable: 'AUDIT_DATABASE',
        cause: 'is missing',
        remedy: 'set it to the name of the database that holds the audit trail',
        readFrom: null,
      },
    ],
    ['the environment', '.env'],
  );
}
