import { type Config, loadConfig } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import { withPublicNames } from '../errors/explanation.ts';
import { preflight } from '../preflight/preflight.ts';
import {
  type PreflightReport,
  preflightForPrograms,
  type StepReport,
  stepNames,
  summarize,
} from '../preflight/report.ts';
import { describeStep } from '../preflight/text.ts';
import type { SourceName } from '../source-name.ts';
import { type CommandIo, printJson, printLine } from './command-io.ts';
import { painterFor, terminalOn } from './terminal.ts';

/** `tandem preflight`: each database from its name to its schema. The exit code names the first failure. */
export async function preflightCommand(
  {
    sources,
    json,
    strict,
  }: {
    readonly sources: readonly SourceName[];
    readonly json: boolean;
    /** Whether a warning fails, too. */
    readonly strict: boolean;
  },
  io: CommandIo,
): Promise<number> {
  let config: Config;
  try {
    config = loadConfig(io.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return reportFaults(error, json, io);
  }
  const onStep = json ? () => {} : printer(sources, config, io);
  const report = summarize(await preflight(config, { names: sources, onStep }), { strict });
  if (json) printJson(io.stdout, preflightForPrograms(report));
  else printLine(io.stdout, verdict(report));
  return report.exitCode;
}

function reportFaults({ faults, message }: ConfigError, json: boolean, io: CommandIo): number {
  const exitCode = exitCodes.preflight.CONFIG;
  if (json) {
    const shown = faults.map((fault) => withPublicNames('setting', fault));
    printJson(io.stdout, { ok: false, exitCode, kind: 'CONFIG', sources: [], faults: shown });
  } else terminalOn(io.stderr).say(message);
  return exitCode;
}

/** Prints steps as they end; both sources run at once, so the second one's wait for the first one's last. */
function printer(sources: readonly SourceName[], { databases }: Config, io: CommandIo) {
  const paint = painterFor(io.stdout);
  const finished = new Map<SourceName, StepReport[]>(sources.map((source) => [source, []]));
  const done = new Map<SourceName, number>();
  return (source: SourceName, step: StepReport) => {
    finished.get(source)?.push(step);
    for (const [name, steps] of finished) {
      let printed = done.get(name) ?? 0;
      const { host, port, name: database } = databases[name];
      for (const report of steps.slice(printed)) {
        if (printed === 0) printLine(io.stdout, `${paint('bold', name)}  ${database} on ${host}:${port}`);
        for (const line of describeStep(report, paint)) printLine(io.stdout, line);
        printed += 1;
      }
      done.set(name, printed);
      if (printed < stepNames.length) return;
    }
  };
}

function verdict({ ok, kind, exitCode, sources }: PreflightReport): string {
  const steps = sources.flatMap((source) => source.steps);
  const warnings = steps.filter(({ status }) => status === 'warning').length;
  if (!ok) return `Not ready: ${kind}, exit code ${exitCode}.`;
  return warnings === 0 ? 'Ready.' : `Ready, with ${warnings === 1 ? 'a warning' : `${warnings} warnings`}.`;
}
