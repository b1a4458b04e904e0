import { InvalidArgumentError, Option } from 'commander';
import { type Part, parts } from '../drift/comparison-scope.ts';
import { parseSince } from '../parity/since.ts';
import { type SourceName, sourceNames } from '../source-name.ts';

/** Makes an action of commander out of a command: its result becomes the exit code. */
// biome-ignore lint/suspicious/noExplicitAny: commander does not know the types of what it parsed
export type Ends = (run: (...given: any[]) => Promise<number>) => (...given: any[]) => Promise<void>;

export function sourceOption(description: string): Option {
  return new Option('--source <source>', description).choices(['azure', 'gcp', 'all']).default('all');
}

/** One of both sources, in capitals or not. */
export function sideOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const source = sourceNames.find((name) => name === text.toUpperCase());
    if (source === undefined) throw new InvalidArgumentError('It must be azure or gcp.');
    return source;
  });
}

export function wholeNumber(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 0 || count > 10_000_000) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 10,000,000.');
  }
  return count;
}

export function percent(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100)
    throw new InvalidArgumentError('It must be a whole number from 1 to 100.');
  return value;
}

/** A column, or `column=time`. */
export function sinceTime(text: string): NonNullable<ReturnType<typeof parseSince>> {
  const parsed = parseSince(text);
  if (parsed === null)
    throw new InvalidArgumentError(
      'It must be a column, or column=time as in updated_at=2026-01-31T12:00:00.',
    );
  return parsed;
}

/** `name=value`, added to those given before; a value that is JSON is what that says, and any other is a text. */
export function claimOption(
  text: string,
  before: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('It must be name=value, as in licence=L-1.');
  return { ...before, [name]: parsedClaim(value) };
}

function parsedClaim(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Names between commas. */
export function names(text: string): readonly string[] {
  const list = text.split(',').map((name) => name.trim());
  if (list.includes('')) throw new InvalidArgumentError('It must be names, separated by commas.');
  return list;
}

/** The help text of `--into`. */
export const intoDatabases =
  'write into this database though it holds unmanaged tables; the name, or both names, separated by a comma';

/** The comparisons of `drift`: names between commas, added to those given before. */
export function driftParts(text: string, before: readonly Part[] = []): readonly Part[] {
  const given = names(text).map((name) => {
    const part = parts.find((one) => one === name);
    if (part === undefined) throw new InvalidArgumentError(`It must be of ${parts.join(', ')}.`);
    return part;
  });
  return [...before, ...given];
}

/** The sources that `--source` names. */
export function sourcesOf(choice: string): readonly SourceName[] {
  return choice === 'all' ? sourceNames : [choice.toUpperCase() as SourceName];
}
