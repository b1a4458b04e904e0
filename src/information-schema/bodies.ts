import { quoteName } from '../sql/quote.ts';
import type { Asking } from './asking.ts';
import type { AllRows } from './rows.ts';

/**
 * The catalogue tells the bodies of triggers, routines and events with the escapes of their texts undone: 'it''s' reads
 * 'it's', and cannot be run; a name with a backquote in it comes out as another. SHOW CREATE tells them as they were written, and is asked for those that have texts.
 */
export async function withExactBodies(em: Asking, rows: AllRows): Promise<AllRows> {
  const exact = async (
    kind: Kind,
    { name, body }: { readonly name: string; readonly body: string | null },
  ) => {
    if (body === null || !mayBeUndone(body)) return body;
    const sql = `show create ${kind} ${quoteName(name)}`;
    const [row] = await em.execute<Record<string, string | null>[]>(sql);
    return bodyIn(kind, row?.[columns[kind]] ?? '');
  };
  const all = <R extends { name: string; body: string | null }>(of: readonly R[], kindOf: (row: R) => Kind) =>
    Promise.all(of.map(async (row) => ({ ...row, body: await exact(kindOf(row), row) })));
  return {
    ...rows,
    triggers: await all(rows.triggers, () => 'TRIGGER'),
    routines: await all(rows.routines, ({ kind }) => kind),
    events: await all(rows.events, () => 'EVENT'),
  };
}

/** Whether there are texts in it, or a name that goes on behind its quotes. */
function mayBeUndone(body: string): boolean {
  const names = [...body.matchAll(/`[^`]*`/g)];
  return (
    /['"\\]/.test(body) ||
    names.some(({ 0: name, index }) => /[^\s!-/:-@[-^{-~]/.test(body.charAt(index + name.length)))
  );
}

type Kind = keyof typeof columns;

/** Where SHOW CREATE has the statement. */
const columns = {
  TRIGGER: 'SQL Original Statement',
  PROCEDURE: 'Create Procedure',
  FUNCTION: 'Create Function',
  EVENT: 'Create Event',
} as const;

const text = String.raw`'(?:[^'\\]|\\[\s\S]|'')*'`;
const quoted = `${text}|"(?:[^"]|"")*"|\`(?:[^\`]|\`\`)*\``;
const parameters = String.raw`\((?:${quoted}|\((?:${quoted}|[^()'"])*\)|[^()'"\`])*\)`;
const characteristic = `(?:NOT )?DETERMINISTIC|[A-Z]+ SQL(?: DATA)?|LANGUAGE \\w+|SQL SECURITY \\w+|COMMENT ${text}`;

/** What stands last before the body, outside of quotes. The server writes the heads of routines and events itself. */
const lastOfHead: Readonly<Record<Kind, string>> = {
  TRIGGER: String.raw`\bfor\s+each\s+row\b(?:\s+(?:follows|precedes)\s+(?:${quoted}|\S+))?`,
  PROCEDURE: `${parameters}(?:\\n {4}(?:${characteristic}))*\\n`,
  FUNCTION: `${parameters} RETURNS .*(?:\\n {4}(?:${characteristic}))*\\n`,
  EVENT: String.raw`\bdo\b`,
};

/** Null where the account may not read it, or MySQL does not have it. */
export function bodyIn(kind: Kind, create: string): string | null {
  const pattern = new RegExp(String.raw`${quoted}|/\*[\s\S]*?\*/|(?<last>${lastOfHead[kind]})\s*`, 'gi');
  for (const { 0: found, index, groups } of create.matchAll(pattern)) {
    if (groups?.last !== undefined) return create.slice(index + found.length);
  }
  return null;
}
