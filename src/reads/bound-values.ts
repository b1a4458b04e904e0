import type { Bind } from './filter-to-condition.ts';

/** Values of one statement, put aside while its filter is compiled. */
export interface BoundValues {
  readonly bind: Bind;
  readonly list: readonly unknown[];
}

const valueMark = 'tandem:';

/** @param before values that conditions refer to already */
export function createValues(before: readonly unknown[] = []): BoundValues {
  const list = [...before];
  return { bind: (value) => `${valueMark}${list.push(value) - 1}`, list };
}

/** The text that a mark in a filter stands for; undefined for what is no text. */
export function textOfMark(mark: unknown, values: readonly unknown[]): string | undefined {
  if (typeof mark !== 'string' || !mark.startsWith(valueMark)) return undefined;
  const value = values[Number(mark.slice(valueMark.length))];
  return typeof value === 'string' ? value : undefined;
}

/** The place among the values that a mark stands for; undefined for what is none. */
export function placeOfMark(mark: unknown): number | undefined {
  return typeof mark === 'string' && mark.startsWith(valueMark)
    ? Number(mark.slice(valueMark.length))
    : undefined;
}
