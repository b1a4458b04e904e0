/** Notes that a file needs a name from a module, and answers the name. */
export type Use = (name: string, from: string) => string;

/** The imports of one file, as they are needed; `text` renders them, without those of the file itself. */
export function collectImports(): { readonly use: Use; readonly text: (ownFile: string) => string } {
  const imports = new Map<string, Set<string>>();
  return {
    use(name, from) {
      imports.set(from, (imports.get(from) ?? new Set()).add(name));
      return name;
    },
    text: (ownFile) =>
      [...imports]
        .filter(([from]) => from !== `./${ownFile}.ts`)
        .toSorted(([one], [other]) => rank(one) - rank(other) || (one < other ? -1 : 1))
        .map(([from, names]) => `import { ${[...names].toSorted().join(', ')} } from '${from}';`)
        .join('\n'),
  };
}

const rank = (from: string) => (from.startsWith('..') ? 1 : from.startsWith('.') ? 2 : 0);
