import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { readCommand } from './parse-command.ts';

/** How a variable's text becomes a value. */
export interface SettingKind<T> {
  /** Completes "Set it to …". */
  readonly accepts: string;
  /** Takes a text that is not empty. The messages of its issues complete the setting's name and hold no value of a secret. */
  readonly schema: z.ZodType<T>;
}

export const anyText = (accepts = 'a text'): SettingKind<string> => ({ accepts, schema: z.string() });

export function whole(
  min: number,
  max: number,
  accepts = `a whole number from ${min} to ${max}`,
): SettingKind<number> {
  const problem = `is not ${accepts}`;
  return { accepts, schema: z.coerce.number(problem).int(problem).min(min, problem).max(max, problem) };
}

export const port = (min: number): SettingKind<number> => whole(min, 65_535, `a port (${min} to 65535)`);

export function fraction(): SettingKind<number> {
  const problem = 'is not a number from 0 to 1';
  return {
    accepts: 'a number from 0 to 1',
    schema: z.coerce.number(problem).min(0, problem).max(1, problem),
  };
}

/** One of a few words. */
export function oneOf<const T extends string>(
  words: readonly T[],
  problem = `is neither ${listed(words, 'nor')}`,
): SettingKind<T> {
  return { accepts: listed(words, 'or'), schema: z.enum(words, problem) };
}

export const trueOrFalse: SettingKind<boolean> = {
  accepts: 'true or false',
  schema: z.stringbool({ error: 'is neither true nor false' }),
};

/** A value, or what is wrong with the text that should become one. */
export type Read<T> = { readonly value: T } | { readonly problem: string };

/** A kind of setting whose texts `read` parses. */
export function readAs<T>(accepts: string, read: (text: string) => Read<T>): SettingKind<T> {
  const schema = z.string().transform((text, context): T => {
    const result = read(text);
    if ('value' in result) return result.value;
    context.addIssue(result.problem);
    return z.NEVER;
  });
  return { accepts, schema };
}

/** A kind of setting whose value is the path of a file; `read` parses the file's text. */
export function fileOf<T>(accepts: string, read: (text: string, path: string) => Read<T>): SettingKind<T> {
  return readAs(accepts, (given) => {
    const path = resolve(given);
    try {
      const result = read(readFileSync(path, 'utf8'), path);
      return 'value' in result ? result : { problem: `${result.problem}: ${path}` };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return { problem: `is a file that cannot be read (${code}): ${path}` };
    }
  });
}

/** Texts between commas, without white space around them and without empty ones. */
export function entriesOf(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
}

/** A program with its arguments. */
export const command = readAs('a program and its arguments, as in `az account get-access-token`', (text) => {
  const read = readCommand(text);
  return 'argv' in read ? { value: read.argv } : read;
});

function listed(words: readonly string[], conjunction: string): string {
  return words.length < 2
    ? words.join()
    : `${words.slice(0, -1).join(', ')} ${conjunction} ${words[words.length - 1]}`;
}
