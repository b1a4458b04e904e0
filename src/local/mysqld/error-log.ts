import { readFileSync, statSync } from 'node:fs';

/** Where a log ends now, to tell later what one start added. */
export function logEnd(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The lines that were logged since then. */
export function logSince(file: string, offset: number): string {
  try {
    return readFileSync(file).subarray(offset).toString('utf8');
  } catch {
    return '';
  }
}

/** The lines worth showing: the errors if there are any, else simply the last ones. */
export function lastLines(log: string, count = 12): string {
  const lines = log.split('\n').filter(Boolean);
  const errors = lines.filter((line) => /\bERROR\b|error while loading|not found/i.test(line));
  return (errors.length > 0 ? errors : lines).slice(-count).join('\n');
}

/** True when a statement of the init file failed: the server then starts without our accounts. */
export function saysAccountsFailed(log: string): boolean {
  return /\[ERROR\] \[MY-000061\]|^ERROR: \d+ /m.test(log);
}

/** True when a server gave up because another process listens on its port. */
export function saysPortTaken(log: string): boolean {
  return /Bind on TCP\/IP port|Can't start server: Bind|port is already allocated|Address already in use/i.test(
    log,
  );
}
