/** Two lists of named things, brought together by their names. */
export interface Pairs<T> {
  readonly both: readonly (readonly [T, T])[];
  readonly leftOnly: readonly T[];
  readonly rightOnly: readonly T[];
}

/** Names that are the same letter by letter go first, so that folding never joins what can be told apart. */
export function pairsOf<T>(
  left: readonly T[],
  right: readonly T[],
  nameOf: (thing: T) => string,
  fold: (name: string) => string = (name) => name.toLowerCase(),
): Pairs<T> {
  const partners = new Map<T, T>();
  const taken = new Set<T>();
  for (const spelling of [(name: string) => name, fold]) {
    for (const one of left) {
      if (partners.has(one)) continue;
      const other = right.find(
        (candidate) => !taken.has(candidate) && spelling(nameOf(candidate)) === spelling(nameOf(one)),
      );
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
