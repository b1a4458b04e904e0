import { readFileSync } from 'node:fs';
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
    versions: Object.fromEntries(packages.map((name) => [name.replace('bench/', ''), versionOf(name)])),
  };
}

function versionOf(name: string): string {
  const [where, ...rest] = name.split('/');
  const path = where === 'bench' ? `./node_modules/${rest.join('/')}` : `../node_modules/${name}`;
  return JSON.parse(readFileSync(new URL(`${path}/package.json`, import.meta.url), 'utf8')).version;
}
