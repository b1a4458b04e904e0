import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { AuthConfig } from '../config/groups/access.ts';
import { runCommand } from '../util/run-command.ts';
import type { Identity } from './identity.ts';

/** A key for a machine. The key itself is known to the machine alone. */
export interface ApiKey {
  /** Milliseconds since 1970; Infinity: it never ends. */
  readonly until: number;
  readonly identity: Identity;
}

/** By the SHA-256 of each key, in lower-case hexadecimal. */
export type ApiKeys = ReadonlyMap<string, ApiKey>;

const apiKey = z.strictObject({
  name: z.string().min(1).max(200),
  sha256: z.string().regex(/^[\da-f]{64}$/i),
  roles: z.array(z.string().min(1)).min(1).max(100),
  claims: z.record(z.string(), z.unknown()).default({}),
  expires: z.iso.datetime({ offset: true }).optional(),
});

const apiKeys = z.array(apiKey).max(10_000);

/** Milliseconds for the command that prints the keys. */
const commandMs = 10_000;

/**
 * Loads the API keys: a JSON list of names, hashes and roles, from a file or from what a command prints on one line.
 *
 * @throws Error whose message goes on after "The list of API keys"
 */
export async function loadApiKeys(
  source: NonNullable<AuthConfig['apiKeys']>,
  signal: AbortSignal,
): Promise<ApiKeys> {
  return readApiKeys(
    'file' in source
      ? await readFile(source.file, { encoding: 'utf8', signal })
      : await runCommand(source.argv, { timeoutMs: commandMs, signal }),
  );
}

/** @throws Error whose message names the place of the first fault, and no value */
export function readApiKeys(text: string): ApiKeys {
  const read = apiKeys.safeParse(jsonOf(text));
  if (!read.success) {
    const place = read.error.issues[0]?.path.map(String).join('.');
    throw new Error(
      `is not a list of { name, sha256, roles } (docs/access.md)${place ? `: see ${place}` : ''}`,
    );
  }
  const names = new Set(read.data.map(({ name }) => name));
  const keys = new Map(
    read.data.map(({ name, sha256, roles, claims, expires }): [string, ApiKey] => [
      sha256.toLowerCase(),
      {
        until: expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires),
        identity: { kind: 'api-key', subject: name, issuer: null, roles, claims },
      },
    ]),
  );
  if (names.size < read.data.length || keys.size < read.data.length)
    throw new Error('has a name or a hash twice');
  return keys;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The key that has this text. It is found by its hash: how long that takes can tell of hashes alone, which no caller can
 * choose, and never of a key.
 */
export function findApiKey(keys: ApiKeys, text: string): ApiKey | undefined {
  return keys.get(hash('sha256', text));
}
