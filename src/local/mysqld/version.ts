/**
 * The version in the answer of `mysqld --version`: "mysqld  Ver 8.4.6 for Linux on x86_64 (…)". Null when the program is
 * not MySQL: `/usr/sbin/mysqld` may be MariaDB.
 */
export function parseVersion(text: string): string | null {
  if (/mariadb/i.test(text)) return null;
  return /\bVer\s+(\d+\.\d+\.\d+[^\s,]*)/.exec(text)?.[1] ?? null;
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
