import { styleText } from 'node:util';
import { type Config, ConfigError, loadConfig } from '../config.ts';
import { exitCodes } from '../preflight/kinds.ts';
import { preflight } from '../preflight/preflight.ts';
import { type Report, type StepReport, stepNames, summarize } from '../preflight/report.ts';
import { describeStep } from '../preflight/text.ts';
import type { SourceName } from '../source-name.ts';
import { say } from './terminal.ts';

/** `tandem preflight`: each database from its name to its schema. The exit code names the first failure. */
export async function preflightCommand({
  sources,
  json,
  strict,
}: {
  readonly sources: readonly SourceName[];
  readonly json: boolean;
  /** Whether a warning fails, too. */
  readonly strict: boolean;
}): Promise<void> {
  const config = configured(json);
  if (config === null) return;
  const onStep = json ? () => {} : printer(sources, config);
  const report = summarize(await preflight(config, { names: sources, onStep }), { strict });
  print(json ? JSON.stringify(report) : verdict(report));
  process.exitCode = report.exitCode;
}

function configured(json: boolean): Config | null {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.exitCode = exitCodes.CONFIG;
    const report = {
      ok: false,
      exitCode: exitCodes.CONFIG,
      kind: 'CONFIG',
      sources: [],
      faults: error.faults,
    };
    if (json) print(JSON.stringify(report));
    else say(error.message);
    return null;
  }
}

/** Prints steps as they end; both sources run at once, so the second one's wait for the first one's last. */
function printer(sources: readonly SourceName[], { databases }: Config) {
  const finished = new Map<SourceName, StepReport[]>(sources.map((source) => [source, []]));
  const done = new Map<SourceName, number>();
  return (source: SourceName, step: StepReport) => {
    finished.get(source)?.push(step);
    for (const [name, steps] of finished) {
      let printed = done.get(name) ?? 0;
      const { host, port, name: database } = databases[name];
      for (const report of steps.slice(printed)) {
        if (printed === 0) print(`${paint('bold', name)}  ${database} on ${host}:${port}`);
        for (const line of describeStep(report, paint)) print(line);
        printed += 1;
      }
      done.set(name, printed);
      if (printed < stepNames.length) return;
    }
  };
}

function verdict({ ok, kind, exitCode, sources }: Report): string {
  const steps = sources.flatMap((source) => source.steps);
  const warnings = steps.filter(({ status }) => status === 'warning').length;
  if (!ok) return `Not ready: ${kind}, exit code ${exitCode}.`;
  return warnings === 0 ? 'Ready.' : `Ready, with ${warnings === 1 ? 'a warning' : `${warnings} warnings`}.`;
}

function paint(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
