export type Algorithm = 'INSTANT' | 'INPLACE' | 'COPY';
export type Lock = 'NONE' | 'SHARED';

/** How MySQL carries out a change: the fastest algorithm it accepts, and what others may do to the table meanwhile. */
export interface Impact {
  readonly algorithm: Algorithm;
  /** NONE: reads and writes go on. SHARED: writes wait. */
  readonly lock: Lock;
  /** Whether MySQL writes each row anew. */
  readonly rebuilds: boolean;
  /** False where the old definition is not known and the worst is assumed. */
  readonly certain: boolean;
}

/** The answer of a server to a statement: how it carries it out, or the number and text of its refusal. */
export type ServerVerdict =
  | { readonly algorithm: Algorithm; readonly lock: Lock }
  | { readonly errno: number; readonly message: string };

export const instant: Impact = { algorithm: 'INSTANT', lock: 'NONE', rebuilds: false, certain: true };
export const inPlace: Impact = { algorithm: 'INPLACE', lock: 'NONE', rebuilds: false, certain: true };
export const inPlaceLocked: Impact = { ...inPlace, lock: 'SHARED' };
export const rebuild: Impact = { ...inPlace, rebuilds: true };
export const rebuildLocked: Impact = { ...rebuild, lock: 'SHARED' };
export const copy: Impact = { algorithm: 'COPY', lock: 'SHARED', rebuilds: true, certain: true };
export const unsure: Impact = { ...copy, certain: false };

/** The impact of several changes in one statement: the most that one of them has. */
export function mostOf(impacts: readonly Impact[]): Impact {
  const algorithms = impacts.map(({ algorithm }) => algorithm);
  return {
    algorithm: algorithms.includes('COPY') ? 'COPY' : algorithms.includes('INPLACE') ? 'INPLACE' : 'INSTANT',
    lock: impacts.some(({ lock }) => lock === 'SHARED') ? 'SHARED' : 'NONE',
    rebuilds: impacts.some(({ rebuilds }) => rebuilds),
    certain: impacts.every(({ certain }) => certain),
  };
}
