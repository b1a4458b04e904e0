import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, rename, writeFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { type SourceName, sourceNames } from '../source-name.ts';

export const DATABASE = 'tandem';
export const RUNTIME_USER = 'tandem';
export const MIGRATOR_USER = 'tandem_migrator';
/** The prefix of databases that the migrator of a local server may fill with anything. */
export const SCRATCH_PREFIX = 'tandem_scratch_';

/** The prefix of databases that hold an audit trail on a local server. */
export const AUDIT_PREFIX = 'tandem_audit';

/** Passwords of one server; they live in `local.env` and nowhere else. */
export interface Secrets {
  runtime: string;
  migrator: string;
}

/** The content of `local.env`: the settings of both clouds, or nothing yet. */
export function readLocalEnv(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  return Object.fromEntries(
    Object.entries(parseEnv(readFileSync(file, 'utf8'))).map(([name, value]) => [name, value ?? '']),
  );
}

/** The passwords written before, or new ones. */
export function secretsOf(env: Record<string, string>, source: SourceName): Secrets {
  return {
    runtime: env[`${source}_DB_PASSWORD`] || randomPassword(),
    migrator: env[`${source}_DB_MIGRATOR_PASSWORD`] || randomPassword(),
  };
}

/** The settings that reach one server. */
export function settingsOf(
  source: SourceName,
  { port, secrets, ca }: { port: number; secrets: Secrets; ca: string },
): Record<string, string> {
  return {
    [`${source}_DB_HOST`]: '127.0.0.1',
    [`${source}_DB_PORT`]: String(port),
    [`${source}_DB_USER`]: RUNTIME_USER,
    [`${source}_DB_PASSWORD`]: secrets.runtime,
    [`${source}_DB_MIGRATOR_USER`]: MIGRATOR_USER,
    [`${source}_DB_MIGRATOR_PASSWORD`]: secrets.migrator,
    [`${source}_DB_NAME`]: DATABASE,
    [`${source}_DB_SSL_CA`]: ca,
  };
}

export async function writeLocalEnv(file: string, env: Record<string, string>): Promise<void> {
  const draft = `${file}.draft`;
  await writeFile(draft, formatLocalEnv(env), { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, file);
}

function formatLocalEnv(env: Record<string, string>): string {
  const lines = sourceNames.flatMap((source) =>
    Object.entries(env)
      .filter(([name]) => name.startsWith(`${source}_`))
      .map(([name, value]) => `${name}=${quote(value)}`),
  );
  return ['# Written by "tandem local"; the passwords are random and exist only here.', ...lines, ''].join(
    '\n',
  );
}

function quote(value: string): string {
  if (/^[\w./:@+-]*$/.test(value)) return value;
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}

function randomPassword(): string {
  return randomBytes(24).toString('base64url');
}
