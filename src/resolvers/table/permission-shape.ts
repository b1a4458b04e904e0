import { features, type RoleOptions, type TablePermission } from '../../access/permission.ts';
import type { Explanation } from '../../errors/explanation.ts';
import { sourceNames } from '../../source-name.ts';

/** The bounds of each operation. A server that runs without a type check knows no other guard against a word that is misspelt. */
const boundsOf: Readonly<Record<keyof TablePermission, readonly string[]>> = {
  read: ['sources', 'rows', 'rowsIn', 'columns'],
  create: ['sources', 'columns', 'presets', 'check'],
  update: ['sources', 'rows', 'rowsIn', 'columns', 'presets', 'check'],
  delete: ['sources', 'rows', 'rowsIn'],
};

/** Words of a permission for a table that are no part of it: a bound that is not read would grant more than it seems to. */
export function permissionShapeFaults(permission: unknown): Explanation[] {
  if (!isObject(permission))
    return [{ cause: 'names no operation', remedy: 'write it as { read: true }, or remove it' }];
  return Object.entries(permission).flatMap(([operation, bounds]): Explanation[] => {
    if (!Object.hasOwn(boundsOf, operation)) {
      return [{ cause: `names the operation ${operation}`, remedy: oneOf(Object.keys(boundsOf)) }];
    }
    if (bounds === undefined || bounds === true) return [];
    if (!isObject(bounds)) {
      return [
        { cause: `has ${String(bounds)} for ${operation}`, remedy: `leave ${operation} out to deny it` },
      ];
    }
    return boundFaults(operation, bounds, boundsOf[operation as keyof TablePermission]);
  });
}

function boundFaults(operation: string, bounds: object, known: readonly string[]): Explanation[] {
  return Object.entries(bounds).flatMap(([bound, value]): Explanation[] => {
    const of = `bounds ${operation} by ${bound}`;
    if (!known.includes(bound)) return [{ cause: of, remedy: oneOf(known) }];
    if (bound === 'sources' || bound === 'columns') {
      return Array.isArray(value)
        ? sourceFaults(of, bound, value)
        : [{ cause: `${of}, which is no list`, remedy: 'name them in a list' }];
    }
    return isObject(value)
      ? []
      : [{ cause: `${of}, which is ${String(value)}`, remedy: `give it, or leave ${bound} out` }];
  });
}

function sourceFaults(of: string, bound: string, names: readonly unknown[]): Explanation[] {
  if (bound !== 'sources') return [];
  return names
    .filter((name) => !sourceNames.some((known) => known === name))
    .map((name) => ({ cause: `${of}, among them ${String(name)}`, remedy: oneOf(sourceNames) }));
}

const partsOfRole: readonly string[] = [
  'description',
  'features',
  'cost',
  'pageRows',
  'requestsPerMinute',
] satisfies (keyof RoleOptions)[];

/** Words of a role beside its tables that are no part of it. */
export function roleShapeFaults(role: string, options: RoleOptions): Explanation[] {
  const parts = Object.keys(options).filter((part) => !partsOfRole.includes(part));
  const unknown = (options.features ?? []).filter((feature) => !features.includes(feature));
  return [
    // A caller with several roles names one in a header, whose bytes Node reads as Latin-1, and which it joins with others by commas.
    ...(/^[!-+\--~]+$/.test(role)
      ? []
      : [
          {
            cause: 'has a name that the header X-Tandem-Role cannot carry',
            remedy: 'use ASCII without blanks and commas',
          },
        ]),
    ...parts.map((part) => ({ cause: `has ${part}`, remedy: oneOf(partsOfRole) })),
    ...unknown.map((feature) => ({ cause: `has the feature ${feature}`, remedy: oneOf(features) })),
  ];
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const oneOf = (names: readonly string[]) => `name one of ${names.join(', ')}`;
