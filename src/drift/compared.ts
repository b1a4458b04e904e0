import type { Finding, Kind } from './finding.ts';

/** What a comparison has to know besides the two models. */
export interface Compared {
  /** How names of tables are brought together. */
  readonly fold: (name: string) => string;
  /** Whether the left side says what is needed, and the right may have more. */
  readonly mayHaveMore: boolean;
  readonly notVisible: ReadonlySet<Kind>;
}

/** What most findings have in common. */
export function finding(
  kind: Kind,
  object: string,
  property: string,
  [left, right]: readonly [string | null, string | null],
  {
    breaking = true,
    statements = [],
    losesData = false,
  }: {
    readonly breaking?: boolean;
    readonly statements?: readonly string[];
    readonly losesData?: boolean;
  } = {},
): Finding {
  return { kind, object, property, left, right, breaking, statements, losesData };
}

/** Something that is there on one side only; `what` describes it. */
export function existence(
  kind: Kind,
  object: string,
  side: 'left' | 'right',
  what: string,
  rest: { readonly breaking?: boolean; readonly statements: readonly string[]; readonly losesData?: boolean },
): Finding {
  return finding(kind, object, 'existence', side === 'left' ? [what, null] : [null, what], rest);
}

/**
 * Says which properties of one object differ, each in its turn: those whose values do, where nothing else is said of
 * `same`. `mend` is what most of them need.
 */
export function comparing(
  kind: Kind,
  object: string,
  mend: { readonly statements: readonly string[]; readonly losesData?: boolean },
) {
  return (
    property: string,
    [left, right]: readonly [string | null, string | null],
    {
      same = left === right,
      ...rest
    }: { readonly same?: boolean; readonly breaking?: boolean; readonly statements?: readonly string[] } = {},
  ): Finding[] => (same ? [] : [finding(kind, object, property, [left, right], { ...mend, ...rest })]);
}

export function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

/** Drops and creates; nothing where it could not be created again. */
export function anew(drop: string, create: readonly string[]): string[] {
  return create.length === 0 ? [] : [drop, ...create];
}
