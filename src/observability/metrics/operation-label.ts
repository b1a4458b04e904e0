/** The label of operations that metrics do not count by name. */
const otherOperations = 'other';

/**
 * Names of operations as labels of metrics. Clients choose the names, and each becomes series that are kept for
 * as long as the process lives: names beyond the first `room` are all called "other". Those in `reserved`, such
 * as the names of persisted documents, always have their place. Operations without a name have an empty label,
 * which Prometheus takes for none.
 */
export function operationNames({
  reserved = [] as Iterable<string>,
  room = 100,
} = {}): (name: string | null | undefined) => string {
  const kept = new Set(reserved);
  const limit = kept.size + room;
  return (name) => {
    if (name === null || name === undefined || kept.has(name)) return name ?? '';
    if (kept.size >= limit || name.length > longest) return otherOperations;
    kept.add(name);
    return name;
  };
}

/** Characters of a label at most: a name of a megabyte would be in every scrape from then on. */
const longest = 100;
