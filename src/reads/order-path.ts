import type { EntityMetadata } from '@mikro-orm/core';
import { type Codec, plain } from '../column-types/column-type.ts';
import { codecOf } from '../column-types/column-types.ts';
import { propertyOf } from './entity-properties.ts';

/** Stands between the names of a path: no name of the API has it. */
const separator = ':';

/** Stands at the end of a path to a to-many relation, whose rows are counted. */
export const countMark = '$count';

/**
 * Where the values of a step of an order come from: a property of the rows, or one that to-one relations lead to, as
 * `doctor:lastName`. `records:$count` is how many rows a to-many relation has.
 */
export type OrderPath = string;

export function orderPath(names: readonly string[]): OrderPath {
  return names.join(separator);
}

/** The end of a path. */
export interface PathEnd {
  /** To-one relations that lead there. */
  readonly relations: readonly string[];
  readonly meta: EntityMetadata;
  readonly property: string;
  /** Whether the property is a to-many relation, whose rows are counted. */
  readonly isCount: boolean;
}

export function endOf(meta: EntityMetadata, path: OrderPath): PathEnd {
  if (!path.includes(separator)) return { relations: [], meta, property: path, isCount: false };
  const names = path.split(separator);
  const isCount = names.at(-1) === countMark;
  if (isCount) names.pop();
  const relations = names.slice(0, -1);
  const end = relations.reduce((of, name) => propertyOf(of, name).targetMeta as EntityMetadata, meta);
  return { relations, meta: end, property: names.at(-1) as string, isCount };
}

export function isCountPath(path: OrderPath): boolean {
  return path.endsWith(`${separator}${countMark}`);
}

/** How the values at the end of a path go through SQL. */
export function codecAt(meta: EntityMetadata, path: OrderPath): Codec {
  const end = endOf(meta, path);
  return end.isCount ? count : codecOf(end.meta, end.property);
}

/** The driver gives a BIGINT as a number or as text, by its size. */
const count: Codec = { ...plain, read: Number };

/** A condition on what stands at the end of a path, as a filter has it. */
export function conditionAt(path: OrderPath, condition: unknown): Readonly<Record<string, unknown>> {
  const [name = '', ...inner] = path.split(separator).toReversed();
  return inner.reduce((part, relation) => ({ [relation]: part }), { [name]: condition });
}
