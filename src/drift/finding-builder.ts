import type { Difference, Kind, SchemaObject } from './finding.ts';

/** The facts that a comparison needs besides the two models. */
export interface Compared {
  /** How names of tables are brought together. */
  readonly fold: (name: string) => string;
  /** Whether the left side states a minimum, so that the right may have more. */
  readonly mayHaveMore: boolean;
  readonly notVisible: ReadonlySet<Kind>;
}

/** The subject of what belongs to no table. */
export function alone(kind: Kind, name: string): SchemaObject {
  return { kind, table: null, name };
}

/** Makes a difference with the parts that most have in common. */
export function difference(
  of: SchemaObject,
  property: string,
  [left, right]: readonly [string | null, string | null],
  { breaking = true, losesData = false }: { readonly breaking?: boolean; readonly losesData?: boolean } = {},
): Difference {
  return { of, property, left, right, breaking, losesData };
}

/** Something that is there on one side only; `what` describes it. */
export function existence(
  of: SchemaObject,
  side: 'left' | 'right',
  what: string,
  rest: { readonly breaking?: boolean; readonly losesData?: boolean } = {},
): Difference {
  return difference(of, 'existence', side === 'left' ? [what, null] : [null, what], rest);
}

/**
 * Names the properties of one object that differ, each in its turn: those whose values do, unless the caller says otherwise by
 * `same`.
 */
export function comparing(of: SchemaObject, { losesData = false } = {}) {
  return (
    property: string,
    [left, right]: readonly [string | null, string | null],
    { same = left === right, breaking = true }: { readonly same?: boolean; readonly breaking?: boolean } = {},
  ): Difference[] => (same ? [] : [difference(of, property, [left, right], { breaking, losesData })]);
}

export function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
