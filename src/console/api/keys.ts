import type { ApiSchema, TypeInfo } from './schema.ts';
import { valueOfText } from './value-of-text.ts';

/** A value of a key: where it stands in the key, and in a filter of the table. */
export interface KeyPartInfo {
  /** `['filmKey']`; empty where the key is the value. */
  readonly path: readonly string[];
  /** The type of the value, such as `Int`. */
  readonly type: string;
  /** `['film', 'key']`: its place in the filter; null where no filter compares it. */
  readonly filter: readonly string[] | null;
}

const isValue = (kind: string) => kind === 'SCALAR' || kind === 'ENUM';

/** The values of a table's key, in its order. */
export function keyPartsOf({ types }: ApiSchema, row: TypeInfo, whereType: string): readonly KeyPartInfo[] {
  const compares = (where: TypeInfo | undefined, name: string) =>
    types.get(where?.fields.get(name)?.type.name ?? '')?.fields.has('gte') === true;
  /** The name, in a filter, of a key that is one value. */
  const nameOf = (of: TypeInfo | undefined, where: TypeInfo | undefined): string | null => {
    if (compares(where, 'key')) return 'key';
    // It has another name: a column of its type that is never null. Of several, none is known to be it.
    const keyType = of?.fields.get('key')?.type.name;
    const [only, ...others] = [...(of?.fields.values() ?? [])].filter(
      ({ name, type }) => name !== 'key' && type.name === keyType && type.isRequired && compares(where, name),
    );
    return only !== undefined && others.length === 0 ? only.name : null;
  };
  const partsOf = (
    keyType: string,
    of: TypeInfo | undefined,
    where: TypeInfo | undefined,
    path: readonly string[],
    filter: readonly string[],
  ): KeyPartInfo[] =>
    [...(types.get(keyType)?.fields.values() ?? [])].flatMap(({ name, type }) => {
      const at = [...path, name];
      if (compares(where, name)) return [{ path: at, type: type.name, filter: [...filter, name] }];
      // The key of a row that it refers to: `filmKey` of `film`.
      const relation = name.replace(/Key$/, '');
      const behind = types.get(where?.fields.get(relation)?.type.name ?? '');
      const parent = types.get(of?.fields.get(relation)?.type.name ?? '');
      if (!isValue(type.kind)) return partsOf(type.name, parent, behind, at, [...filter, relation]);
      const column = nameOf(parent, behind);
      return [{ path: at, type: type.name, filter: column === null ? null : [...filter, relation, column] }];
    });

  const key = row.fields.get('key')?.type;
  const where = types.get(whereType);
  if (key === undefined) return [];
  if (!isValue(key.kind)) return partsOf(key.name, row, where, [], []);
  const column = nameOf(row, where);
  return [{ path: [], type: key.name, filter: column === null ? null : [column] }];
}

/** The selection of a key: none for a value, the values of several columns. */
export function keySelection({ types }: ApiSchema, typeName: string): string {
  const type = types.get(typeName);
  if (type?.kind !== 'OBJECT') return '';
  const fields = [...type.fields.values()].map(
    ({ name, type: of }) => `${name}${keySelection({ types } as ApiSchema, of.name)}`,
  );
  return ` { ${fields.join(' ')} }`;
}

/** A key as a text that tells it from the others of its table, and that an address holds: none of them is empty. */
export const keyToText = (key: unknown): string =>
  typeof key === 'object' || key === '' || String(key).startsWith('"') ? JSON.stringify(key) : String(key);

/** A key as people read it: `7`, `acme, 7`, and `""` where there is nothing to see. */
export function keyLabel(key: unknown): string {
  if (typeof key !== 'object' || key === null) {
    return String(key).trim() === '' ? JSON.stringify(key) : String(key);
  }
  return Object.values(key).map(keyLabel).join(', ');
}

/** The key that a text stands for, as a variable has it; one that cannot be one is left to the server to refuse. */
export function keyOfText(parts: readonly KeyPartInfo[], text: string): unknown {
  const [only] = parts;
  const isText = only?.path.length === 0;
  if (isText && !text.startsWith('"')) return valueOfText(only.type, text);
  try {
    const key: unknown = JSON.parse(text);
    if (isText || typeof key === 'object') return key;
  } catch {
    // It was typed.
  }
  return keyOfValues(parts, isText ? [text] : valuesIn(text));
}

/** The key with these values, in the order of its parts. */
export function keyOfValues(parts: readonly KeyPartInfo[], values: readonly string[]): unknown {
  const [only] = parts;
  if (only?.path.length === 0) return valueOfText(only.type, values[0] ?? '');
  const key: Record<string, unknown> = {};
  for (const [at, part] of parts.entries()) {
    let place = key;
    for (const step of part.path.slice(0, -1)) {
      place[step] ??= {};
      place = place[step] as Record<string, unknown>;
    }
    place[part.path.at(-1) ?? ''] = valueOfText(part.type, values[at] ?? '');
  }
  return key;
}

/** `acme, 7` */
const valuesIn = (text: string) => text.split(',').map((value) => value.trim());

/** A value of each type of which not every text is one. */
const samples: Readonly<Record<string, string>> = {
  UUID: '01900000-0000-7000-8000-000000000001',
  Base64: 'AQ==',
  LocalDate: '2026-01-31',
  LocalTime: '12:30:00',
  LocalDateTime: '2026-01-31T12:30:00',
  DateTime: '2026-01-31T12:30:00Z',
  Duration: 'PT1H',
};

/** How a value of a type is written; undefined where any text is one. */
export const sampleText = (type: string | undefined) => samples[type ?? ''];

/** A key that a row could have. */
export const sampleKey = ({ types }: ApiSchema, parts: readonly KeyPartInfo[]): unknown =>
  keyOfValues(
    parts,
    parts.map(({ type }) => samples[type] ?? types.get(type)?.values[0] ?? '1'),
  );

/** Whether rows can be shown from a key on. */
export const canJump = (parts: readonly KeyPartInfo[]) =>
  parts.length > 0 && parts.every(({ filter }) => filter !== null);

/** The rows from a key on: of several columns, those that have more in the first that differs. */
export function fromKey(parts: readonly KeyPartInfo[], text: string): object {
  const values = parts.length === 1 ? [text] : valuesIn(text);
  // Of a key of several columns the first values are enough.
  const given = parts.slice(0, Math.max(1, values.filter((value) => value !== '').length));
  const condition = (part: KeyPartInfo, at: number, operator: string) =>
    [...(part.filter ?? [])].reduceRight<object>((inner, name) => ({ [name]: inner }), {
      [operator]: valueOfText(part.type, values[at] ?? ''),
    });
  const or = given.map((part, at) => ({
    and: [
      ...given.slice(0, at).map((before, place) => condition(before, place, 'eq')),
      condition(part, at, at === given.length - 1 ? 'gte' : 'gt'),
    ],
  }));
  return or.length === 1 && or[0]?.and.length === 1 ? (or[0].and[0] as object) : { or };
}
