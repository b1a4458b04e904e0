import { keyLabel } from '../api/keys.ts';
import type { FieldInfo } from '../api/schema.ts';

const numeric = new Set(['Int', 'Float', 'BigInt', 'Decimal', 'SafeInt', 'Duration']);

export const isNumeric = ({ type }: FieldInfo) => numeric.has(type.name) && !type.isList;

/** A value as text: the same of both clouds gives the same text. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'object') {
    const { key } = value as { readonly key?: unknown };
    return key === undefined ? JSON.stringify(value) : `#${keyLabel(key)}`;
  }
  return String(value);
}

export function Value({ value }: { readonly value: unknown }) {
  if (value === null || value === undefined) return <i class="null">null</i>;
  if (value === '') return <i class="null">empty</i>;
  return <>{textOf(value)}</>;
}
