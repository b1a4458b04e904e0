import { keyLabel } from '../api/keys.ts';
import type { FieldInfo } from '../api/schema.ts';
import { plural } from '../format.ts';
import { Scroll } from '../ui/scroll.tsx';

const numeric = new Set(['Int', 'Float', 'BigInt', 'Decimal', 'SafeInt', 'Duration']);

export const isNumeric = ({ type }: FieldInfo) => numeric.has(type.name) && !type.isList;

/** Whether both clouds' values of a field are one, as far as their answers tell. */
export const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** A value of a field as text: the same of both clouds gives the same text. */
export function textOf({ type }: FieldInfo, value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (type.kind === 'OBJECT') return `#${keyLabel(Object(value).key)}`;
  if (Array.isArray(value) && type.isList) return value.join(', ');
  // Of a document, 1 and "1" are two values.
  return typeof value === 'object' || type.name === 'JSON' ? JSON.stringify(value) : String(value);
}

/** Letters of a text that a cell of the grid has room for, those that fit any cell, and those that a person reads at once. */
const cellRoom = 80;
const fitting = 16;
const titleRoom = 1000;

/** The text under the pointer; undefined where the cell shows the whole value. */
export function titleOf(field: FieldInfo, value: unknown): string | undefined {
  const text = textOf(field, value);
  return text.length > fitting ? cut(text, titleRoom) : undefined;
}

/** Cut between two letters: of an emoji, no half stays. */
const cut = (text: string, room: number) =>
  text.length > room ? `${text.slice(0, room).replace(/[\uD800-\uDBFF]$/, '')}…` : text;

/**
 * A value as a cell of the grid shows it, cut where it is long.
 *
 * @param other what the other cloud has, where that differs: a long text begins shortly before the first difference
 */
export function cellText(field: FieldInfo, value: unknown, other?: unknown) {
  const word = wordOf(value);
  if (word !== null) return <i class="null">{word}</i>;
  const [text, than] = apart(textOf(field, value), other === undefined ? undefined : textOf(field, other));
  const from = than === undefined ? 0 : Math.max(0, firstDifference(text, than) - 12);
  return from === 0 ? cut(text, cellRoom) : `…${cut(text.slice(from), cellRoom)}`;
}

/** Two texts that look the same, with what tells them apart as an escape. */
function apart(text: string, other: string | undefined): readonly [string, string | undefined] {
  const looks = (one: string) =>
    one
      .normalize('NFKC')
      .replace(/[\s\p{C}]+/gu, ' ')
      .trim();
  if (other === undefined || text === other || looks(text) !== looks(other)) return [text, other];
  return [escaped(text), escaped(other)];
}

const escaped = (text: string) =>
  text.replace(/^ +| +$| {2,}|[^\P{C}]|[^\S ]|[^\0-\x7f]/gu, (part) =>
    [...part].map((one) => (one === ' ' ? '␣' : `\\u{${one.codePointAt(0)?.toString(16)}}`)).join(''),
  );

/** Letters that even a narrow cell shows. */
const seen = 30;

/** Where both part, if that is behind what a cell shows. */
function firstDifference(text: string, other: string): number {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at += 1;
  return at > seen ? at : 0;
}

/** Letters of a value that is shown in its row; the rest is for a query. */
const mostShown = 20_000;
/** Letters from which on a value has a place that scrolls. */
export const long = 400;

/** A value as a whole, as far as a person reads it. */
export function WholeValue({ field, value }: { readonly field: FieldInfo; readonly value: unknown }) {
  const word = wordOf(value);
  if (word !== null) return <i class="null">{word}</i>;
  const text = textOf(field, value);
  if (text.length <= long) return <>{text}</>;
  return (
    <>
      <Scroll label={`${field.name}, ${plural(text.length, 'character')}`} name="long-value">
        {text.slice(0, mostShown)}
      </Scroll>
      {text.length > mostShown && (
        <small class="quiet">{plural(text.length - mostShown, 'character')} more</small>
      )}
    </>
  );
}

/** The word for a value that has no letters. */
function wordOf(value: unknown): string | null {
  // Of a column that the page has learned of since it asked for the rows.
  if (value === undefined) return '…';
  if (value === null) return 'null';
  if (value === '') return 'empty';
  return Array.isArray(value) && value.length === 0 ? 'none' : null;
}
