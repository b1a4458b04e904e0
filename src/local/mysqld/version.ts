import type { Flavor } from '../types.ts';

export interface ServerVersion {
  flavor: Flavor;
  version: string;
}

/**
 * Reads the answer of `mysqld --version`: "mysqld  Ver 8.4.6 for Linux on x86_64 (…)" or
 * "mariadbd from 11.8.2-MariaDB, …". Null when it is neither.
 */
export function parseVersion(text: string): ServerVersion | null {
  const version = /\b(?:Ver|from)\s+(\d+\.\d+\.\d+[^\s,]*)/.exec(text)?.[1];
  if (!version) return null;
  return { flavor: /mariadb/i.test(text) ? 'mariadb' : 'mysql', version };
}

/** Negative, zero or positive, by the three leading numbers. */
export function compareVersions(a: string, b: string): number {
  const left = numbers(a);
  const right = numbers(b);
  for (let at = 0; at < 3; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbers(version: string): number[] {
  return version
    .split(/[.-]/)
    .slice(0, 3)
    .map((part) => Number.parseInt(part, 10) || 0);
}
