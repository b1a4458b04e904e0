import { existsSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Databases } from './databases.ts';
import type { Pinning } from './pinning.ts';

/** What figures depend on besides the programs. */
export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly mysql: string;
  readonly pinned: string;
  /** Versions of what was measured, by package. */
  readonly versions: Readonly<Record<string, string>>;
}

const packages = [
  '@apollo/server',
  'graphql',
  'type-graphql',
  '@mikro-orm/mysql',
  'mysql2',
  'fastify',
  'bench/mercurius',
  'bench/graphql-yoga',
  'bench/@pothos/core',
  'bench/drizzle-orm',
  'bench/@graphql-hive/gateway-runtime',
];

export function describeMachine({ servers }: Databases, { said }: Pinning): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    mysql: servers.AZURE.version,
    pinned: said,
    versions: Object.fromEntries(packages.flatMap(versionOf)),
  };
}

/** Nothing where a package is not installed: Tandem alone needs none of those below bench/. */
function versionOf(name: string): [string, string][] {
  const foreign = name.startsWith('bench/');
  const bare = name.replace('bench/', '');
  const file = new URL(`${foreign ? './' : '../'}node_modules/${bare}/package.json`, import.meta.url);
  return existsSync(file) ? [[bare, JSON.parse(readFileSync(file, 'utf8')).version]] : [];
}
