import { editDistance } from '../util/edit-distance.ts';
import { ownPrefixes, variables } from './settings.ts';

/** A variable that is no setting but resembles one. */
export interface Misspelt {
  readonly variable: string;
  /** The setting that was probably meant. */
  readonly nearest: string;
}

/**
 * Variables that are set, that Tandem does not read, and that were meant for it: their beginning belongs to Tandem, or a
 * few letters tell them from a setting. All others belong to other programs.
 */
export function findMisspelt(environment: NodeJS.Dict<string>): Misspelt[] {
  const known = new Set(variables);
  return Object.entries(environment).flatMap(([variable, value = '']) => {
    if (value === '' || known.has(variable) || isServiceLink(variable, value)) return [];
    const nearest = nearestTo(variable.toUpperCase());
    return nearest === undefined ? [] : [{ variable, nearest }];
  });
}

/** The setting with the fewest edits: any that begins alike, else one that a few edits reach. */
function nearestTo(name: string): string | undefined {
  const prefix = ownPrefixes.find((own) => name.startsWith(own));
  const candidates = prefix === undefined ? variables : variables.filter((known) => known.startsWith(prefix));
  let [nearest, least]: [string | undefined, number] = [undefined, Number.POSITIVE_INFINITY];
  for (const known of candidates) {
    const distance = editDistance(known, name, prefix === undefined ? mostEdits(known, name) : least);
    if (distance < least) [nearest, least] = [known, distance];
  }
  return nearest;
}

/**
 * Kubernetes and Docker describe a service to their containers by variables that begin with its name, and one may be called
 * `azure-db`: https://kubernetes.io/docs/concepts/containers/container-environment/#cluster-information
 */
function isServiceLink(name: string, value: string): boolean {
  return (
    /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name) ||
    (/_PORT$/.test(name) && /^(tcp|udp|sctp):\/\//.test(value))
  );
}

/** One edit in six letters, three at most. Of names as short as HOST, only the order of letters may differ. */
function mostEdits(known: string, name: string): number {
  if (known.length >= 6) return Math.min(3, Math.floor(known.length / 6));
  return [...known].toSorted().join('') === [...name].toSorted().join('') ? 1 : 0;
}
