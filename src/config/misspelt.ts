import { editDistance } from '../util/edit-distance.ts';
import { ownPrefixes, variables } from './settings.ts';

/** A variable that is no setting but resembles one. */
export interface Misspelt {
  readonly variable: string;
  /** The setting that was probably meant, or a few of which one was. */
  readonly nearest: readonly string[];
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
    return nearest.length === 0 ? [] : [{ variable, nearest }];
  });
}

/** The setting that a few edits reach; else, where the beginning is Tandem's own, the three nearest with it. */
function nearestTo(name: string): readonly string[] {
  const prefix = ownPrefixes.find((own) => name.startsWith(own));
  const near = byDistance(name, variables, (known) => mostEdits(known, name));
  if (near.length > 0 || prefix === undefined) return near.slice(0, 1);
  return byDistance(
    name,
    variables.filter((known) => known.startsWith(prefix)),
    () => Number.POSITIVE_INFINITY,
  ).slice(0, 3);
}

/** The settings within so many edits of a name, the nearest first. */
function byDistance(name: string, from: readonly string[], most: (known: string) => number): string[] {
  return from
    .map((known) => ({ known, distance: editDistance(known, name, most(known)) }))
    .filter(({ distance }) => distance < Number.POSITIVE_INFINITY)
    .toSorted((one, other) => one.distance - other.distance)
    .map(({ known }) => known);
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
