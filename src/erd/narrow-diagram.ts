import { namePattern, noneCalled } from '../information-schema/name-pattern.ts';
import type { Diagram } from './diagram.ts';

/** Part of a diagram: the tables named, and those near one of them. */
export interface Narrowing {
  /** Names, in which `*` stands for any characters. */
  readonly tables?: readonly string[];
  /** A table, with those that foreign keys lead to from it or to it. */
  readonly around?: string;
  /** How many foreign keys away from it a table may be. */
  readonly depth?: number;
}

/** Names that no table has. */
export class NoSuchTable extends Error {
  override readonly name = 'NoSuchTable';
}

/**
 * A diagram with some of its tables, and the foreign keys between those. Names are compared without regard to case.
 *
 * @throws NoSuchTable where a name fits no table
 */
export function narrowDiagram(diagram: Diagram, { tables = [], around, depth = 1 }: Narrowing): Diagram {
  const names = diagram.tables.map(({ name }) => name);
  const patterns = tables.map((text) => ({ text, pattern: namePattern(text) }));
  const missing = patterns.filter(({ pattern }) => !names.some((name) => pattern.test(name)));
  const middle = around === undefined ? undefined : names.find((name) => sameName(name, around));
  const unknown = [
    ...missing.map(({ text }) => text),
    ...(around !== undefined && middle === undefined ? [around] : []),
  ];
  if (unknown.length > 0) throw new NoSuchTable(noneCalled('table', unknown, names));
  let kept = new Set(
    names.filter((name) => patterns.length === 0 || patterns.some(({ pattern }) => pattern.test(name))),
  );
  if (middle !== undefined) {
    const near = neighbourhood(diagram, middle, depth);
    kept = new Set([...kept].filter((name) => near.has(name.toLowerCase())));
  }
  const keeps = (name: string) => [...kept].some((other) => sameName(other, name));
  return {
    ...diagram,
    tables: diagram.tables.filter(({ name }) => kept.has(name)),
    relations: diagram.relations.filter(({ parent, child }) => keeps(parent.table) && keeps(child.table)),
  };
}

/** The tables at most `depth` foreign keys away, in lower case. */
function neighbourhood({ relations }: Diagram, table: string, depth: number): Set<string> {
  const near = new Set([table.toLowerCase()]);
  for (let step = 0; step < depth; step += 1) {
    const before = new Set(near);
    for (const { parent, child } of relations) {
      const [one, other] = [parent.table.toLowerCase(), child.table.toLowerCase()];
      if (before.has(one)) near.add(other);
      if (before.has(other)) near.add(one);
    }
  }
  return near;
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
