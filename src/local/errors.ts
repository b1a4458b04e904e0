import { type Explanation, explanationLines } from '../errors/explanation.ts';
import type { SourceName } from '../source-name.ts';
import type { ServerOrigin } from './types.ts';

export type LocalErrorCode =
  | 'SETTINGS_HALF_GIVEN'
  | 'UNKNOWN_ORIGIN'
  | 'NO_ORIGIN'
  | 'OTHER_ORIGIN_RUNS'
  | 'LOCKED'
  | 'SERVER_DIED'
  | 'SERVER_SILENT'
  | 'ACCOUNTS_FAILED'
  | 'PORT_TAKEN'
  | 'DATA_NEWER'
  | 'INITIALIZE_FAILED';

/** A fault of the local servers. */
export class LocalError extends Error {
  override readonly name = 'LocalError';

  constructor(
    readonly code: LocalErrorCode,
    explanation: Explanation,
  ) {
    super(explanationLines(explanation).join('\n'));
  }
}

/** The answer of an origin that could not serve. */
export interface Refusal {
  origin: ServerOrigin;
  why: string;
}

const indent = (text: string) => text.replace(/^/gm, '    ');

export const settingsHalfGiven = (given: string, missing: string) =>
  new LocalError('SETTINGS_HALF_GIVEN', {
    cause: `${given} is set but ${missing} is not.`,
    remedy: 'Set both to use your own servers, or neither to use local ones.',
  });

export const unknownOrigin = (name: string, known: readonly string[]) =>
  new LocalError('UNKNOWN_ORIGIN', {
    cause: `"${name}" in TANDEM_LOCAL_ORIGIN is not an origin.`,
    remedy: `Use one or more of ${known.join(', ')}.`,
  });

export const noOrigin = (refusals: readonly Refusal[]) =>
  new LocalError('NO_ORIGIN', {
    cause: [
      'No MySQL server to run the demo on. What was tried, in order:',
      ...refusals.map(({ origin, why }) => `  ${origin}: ${why}`),
    ].join('\n'),
    remedy: [
      'Any one of these helps:',
      '  - start Docker, so that "docker info" succeeds',
      '  - install MySQL 8.0 or newer, so that "mysqld" is on the PATH',
      '  - on Debian or Ubuntu, make the package mirror reachable ("apt-get update" must work)',
      '  - name your own servers in AZURE_DB_HOST and GCP_DB_HOST',
    ].join('\n'),
  });

export const otherOriginRuns = (running: ServerOrigin, asked: readonly ServerOrigin[]) =>
  new LocalError('OTHER_ORIGIN_RUNS', {
    cause: `The servers running here come from ${running}, but ${asked.join(', ')} was asked for.`,
    remedy: 'Run "tandem local stop" first.',
  });

export const locked = (file: string, pid: number) =>
  new LocalError('LOCKED', {
    cause: `Process ${pid} has held ${file} for too long.`,
    remedy: 'Wait for it or end it, then try again.',
  });

export const serverDied = (source: SourceName, log: string, logFile: string) =>
  new LocalError('SERVER_DIED', {
    cause: `The ${source} server ended while starting. Its last words (${logFile}):\n${indent(log || '(nothing was logged)')}`,
    remedy: 'If its data is damaged or from another version, "tandem local reset" starts afresh.',
  });

export const serverSilent = (source: SourceName, seconds: number, log: string, logFile: string) =>
  new LocalError('SERVER_SILENT', {
    cause: `The ${source} server did not accept connections within ${seconds} s. Its last words (${logFile}):\n${indent(log)}`,
    remedy: 'A busy machine may need another try; "tandem local reset" starts afresh.',
  });

export const accountsFailed = (source: SourceName, log: string, logFile: string) =>
  new LocalError('ACCOUNTS_FAILED', {
    cause: `The ${source} server refused to make its accounts (${logFile}):\n${indent(log)}`,
    remedy:
      '"tandem local reset" starts afresh; if that does not help, choose another server with TANDEM_LOCAL_ORIGIN.',
  });

export const portTaken = (source: SourceName, port: number) =>
  new LocalError('PORT_TAKEN', {
    cause: `Port ${port} of the ${source} server is taken.`,
    remedy: 'Free it and try again.',
  });

export const dataIsNewer = (data: string, made: string, version: string) =>
  new LocalError('DATA_NEWER', {
    cause: `${data} was written by version ${made}, newer than the ${version} found.`,
    remedy: '"tandem local reset" deletes it and starts afresh.',
  });

export const initializeFailed = (command: string, output: string) =>
  new LocalError('INITIALIZE_FAILED', {
    cause: `${command} could not make an empty data directory:\n${indent(output)}`,
    remedy: 'Mend what it says, or choose another server with TANDEM_LOCAL_ORIGIN.',
  });
