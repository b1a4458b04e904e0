import { type LexerModes, lex } from '../sql/lexer.ts';
import { modesOf } from '../sql/modes.ts';
import { quoteName } from '../sql/quote.ts';
import { codeTokens, isOneOf, isSymbol, type SqlToken } from '../sql/tokens.ts';
import type { CatalogueConnection } from './catalogue-connection.ts';
import type { AllRows } from './catalogue-queries.ts';

/**
 * The catalogue tells the bodies of triggers, routines and events with the escapes of their texts undone: 'it''s' reads
 * 'it's', and cannot be run; a name with a backquote in it comes out as another. SHOW CREATE tells them as they were written, and is asked for those that have texts.
 */
export async function withExactBodies(em: CatalogueConnection, rows: AllRows): Promise<AllRows> {
  const exact = async (kind: Kind, { name, body, sqlMode }: Program) => {
    if (body === null || !mayBeUndone(body)) return body;
    const sql = `show create ${kind} ${quoteName(name)}`;
    const [row] = await em.execute<Record<string, string | null>[]>(sql);
    return bodyIn(kind, row?.[columns[kind]] ?? '', modesOf(sqlMode));
  };
  const all = <R extends Program>(of: readonly R[], kindOf: (row: R) => Kind) =>
    Promise.all(of.map(async (row) => ({ ...row, body: await exact(kindOf(row), row) })));
  return {
    ...rows,
    triggers: await all(rows.triggers, () => 'TRIGGER'),
    routines: await all(rows.routines, ({ kind }) => kind),
    events: await all(rows.events, () => 'EVENT'),
  };
}

interface Program {
  readonly name: string;
  readonly body: string | null;
  readonly sqlMode: string;
}

/** Whether there are texts in it, or a name that goes on behind its quotes. */
function mayBeUndone(body: string): boolean {
  if (/['"\\]/.test(body)) return true;
  const tokens = [...lex(body)];
  return tokens.some(({ kind, start, end }, at) => {
    if (kind !== 'name') return false;
    const next = tokens[at + 1]?.kind ?? 'blank';
    return (
      !['blank', 'symbol', 'comment', 'version'].includes(next) ||
      body.slice(start + 1, end - 1).includes('`')
    );
  });
}

type Kind = keyof typeof columns;

/** Where SHOW CREATE has the statement. */
const columns = {
  TRIGGER: 'SQL Original Statement',
  PROCEDURE: 'Create Procedure',
  FUNCTION: 'Create Function',
  EVENT: 'Create Event',
} as const;

/**
 * The text behind the head of a program.
 *
 * @param modes of the session that created it: SHOW CREATE writes it in these
 * @returns null where the account may not read it, or MySQL does not have it
 */
export function bodyIn(kind: Kind, create: string, modes: LexerModes = {}): string | null {
  const tokens = codeTokens(create, modes);
  const last =
    kind === 'TRIGGER'
      ? endOfTrigger(tokens)
      : kind === 'EVENT'
        ? endOfEvent(tokens)
        : endOfRoutine(create, tokens);
  const end = tokens[last]?.end;
  return end === undefined ? null : create.slice(end).replace(/^[ \t-\r]+/, '');
}

/** ROW, or the trigger behind FOLLOWS or PRECEDES. -1 where there is none, here and below. */
function endOfTrigger(tokens: readonly SqlToken[]): number {
  const each = tokens.findIndex((_, at) =>
    ['FOR', 'EACH', 'ROW'].every((word, offset) => isOneOf(tokens[at + offset], [word])),
  );
  if (each === -1) return -1;
  return isOneOf(tokens[each + 3], ['FOLLOWS', 'PRECEDES']) ? each + 4 : each + 2;
}

function endOfEvent(tokens: readonly SqlToken[]): number {
  return tokens.findIndex((token) => isOneOf(token, ['DO']));
}

/** The server writes the heads of routines itself: what a line of four blanks and one of these words begins belongs to it. */
function endOfRoutine(create: string, tokens: readonly SqlToken[]): number {
  const open = tokens.findIndex((token) => isSymbol(token, '('));
  let depth = 0;
  for (let at = open; at >= 0 && at < tokens.length; at += 1) {
    if (isSymbol(tokens[at], '(')) depth += 1;
    if (isSymbol(tokens[at], ')')) depth -= 1;
    const next = tokens[at + 1];
    const gap = create.slice(tokens[at]?.end, next?.start);
    const goes = gap === '\n    ' && isOneOf(next, characteristics);
    if (depth === 0 && gap.startsWith('\n') && !goes) return at;
  }
  return -1;
}

const characteristics = [
  'NOT',
  'DETERMINISTIC',
  'CONTAINS',
  'NO',
  'READS',
  'MODIFIES',
  'LANGUAGE',
  'SQL',
  'COMMENT',
];
