/** Two lists of named things, brought together by their names. */
export interface Pairs<T> {
  readonly both: readonly (readonly [T, T])[];
  readonly leftOnly: readonly T[];
  readonly rightOnly: readonly T[];
}

/** Names that are the same letter by letter go first, so that folding never joins two different objects. */
export function pairsOf<T>(
  left: readonly T[],
  right: readonly T[],
  nameOf: (thing: T) => string,
  fold: (name: string) => string = (name) => name.toLowerCase(),
): Pairs<T> {
  const partners = new Map<T, T>();
  const taken = new Set<T>();
  for (const spelling of [(name: string) => name, fold]) {
    const free = Map.groupBy(
      right.filter((other) => !taken.has(other)),
      (other) => spelling(nameOf(other)),
    );
    for (const one of left) {
      const other = partners.has(one) ? undefined : free.get(spelling(nameOf(one)))?.shift();
      if (other === undefined) continue;
      partners.set(one, other);
      taken.add(other);
    }
  }
  return {
    both: left.flatMap((one) => {
      const other = partners.get(one);
      return other === undefined ? [] : [[one, other] as const];
    }),
    leftOnly: left.filter((one) => !partners.has(one)),
    rightOnly: right.filter((other) => !taken.has(other)),
  };
}
