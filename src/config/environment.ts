import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { findMisspelt, type Misspelt } from './misspelt.ts';
import { databaseVariables, otherVariables, variables } from './settings.ts';

/** The variables that are set, and where each was read. */
export interface Environment {
  readonly set: ReadonlyMap<string, { readonly value: string; readonly readFrom: string }>;
  /** Where variables were searched, for the reader of an error. */
  readonly searched: readonly string[];
  /** Variables that no setting has but that were meant for one. */
  readonly misspelt: readonly (Misspelt & { readonly readFrom: string })[];
}

/**
 * Reads the process's environment, `.env`, and what names the databases where neither does: the recorded local pair.
 * The first of them that sets a variable wins; an empty value counts as not set, as it does in `.env.example`.
 *
 * @param databases variables of the databases, which replace all others of them
 */
export function readEnvironment(
  environment: NodeJS.ProcessEnv,
  directory: string,
  databases?: Readonly<Record<string, string>>,
): Environment {
  const set = new Map<string, { value: string; readFrom: string }>();
  const searched: string[] = [];
  const misspelt: (Misspelt & { readFrom: string })[] = [];
  const names = databases === undefined ? variables : otherVariables;

  const add = (readFrom: string, layer: NodeJS.Dict<string>, from = names) => {
    searched.push(readFrom);
    for (const name of from) {
      const value = layer[name];
      if (value !== undefined && value !== '' && !set.has(name)) set.set(name, { value, readFrom });
    }
  };
  const addOwn = (readFrom: string, layer: NodeJS.Dict<string>) => {
    add(readFrom, layer);
    const found = findMisspelt(layer).filter(({ nearest }) => names.includes(nearest[0] ?? ''));
    misspelt.push(...found.map((one) => ({ ...one, readFrom })));
  };
  const addFile = (file: string, addLayer: typeof addOwn) => {
    if (existsSync(file)) addLayer(file, parseEnv(readFileSync(file, 'utf8')));
    else searched.push(`${file} (not there)`);
  };

  addOwn('the environment', environment);
  addFile(resolve(directory, '.env'), addOwn);
  if (databases !== undefined) {
    add('the databases given', databases, databaseVariables);
    return { set, searched, misspelt };
  }
  const localPair = resolve(directory, '.tandem/local.env');
  const hides = [...set].find(([name, { value }]) => hidesLocalPair(name, value));
  if (hides === undefined) {
    addFile(localPair, (readFrom, layer) => add(readFrom, layer, databaseVariables));
  } else if (existsSync(localPair)) {
    searched.push(`${localPair} (not used, since ${hides[0]} is set)`);
  }
  return { set, searched, misspelt };
}

/** The environment with what `.env` adds to it, for callers that look before a configuration can be complete. */
export function withDotEnv(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const file = resolve('.env');
  return existsSync(file) ? { ...parseEnv(readFileSync(file, 'utf8')), ...environment } : environment;
}

/** Whether a variable says that the databases are others than the local pair. */
function hidesLocalPair(name: string, value: string | undefined): boolean {
  return name === 'NODE_ENV' ? value === 'production' : databaseVariables.includes(name) && Boolean(value);
}

/** The variables of the environment and of `.env` because of which the local pair is not used. */
export function hidingLocalPair(environment: NodeJS.ProcessEnv): readonly string[] {
  const all = Object.entries(withDotEnv(environment));
  return all.filter(([name, value]) => hidesLocalPair(name, value)).map(([name]) => name);
}

/** The environment without what names databases, for callers that must not touch them. */
export function withoutDatabases(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = new Set(databaseVariables);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.has(name)));
}
