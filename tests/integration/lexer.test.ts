import fc from 'fast-check';
import type { Connection, FieldPacket, RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LexerModes, lex } from '../../src/sql/lexer.ts';
import { codeTokens, type SqlToken } from '../../src/sql/tokens.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { seed } from '../helpers/random-seed.ts';
import { sqlFragments } from '../helpers/sql-fragments.ts';

/** Statements for each mode; TANDEM_LONG=1 asks 25,000. */
const count = process.env.TANDEM_LONG === '1' ? 25_000 : 300;

const sqlModes: readonly (readonly [string, LexerModes])[] = [
  ['', {}],
  ['ANSI_QUOTES', { ansiQuotes: true }],
  ['NO_BACKSLASH_ESCAPES', { noBackslashEscapes: true }],
  ['ANSI_QUOTES,NO_BACKSLASH_ESCAPES', { ansiQuotes: true, noBackslashEscapes: true }],
];

let databases: TestDatabases;
let connection: Connection;
let version: number;

beforeAll(async () => {
  databases = await createDatabases({ migrated: false });
  const { AZURE } = databases.config.databases;
  connection = await connect(AZURE, AZURE.migrator, {
    charset: 'utf8mb4',
  });
  const [[row]] = await connection.query<RowDataPacket[]>('select version() as version');
  const [major = 0, minor = 0, patch = 0] = String(row?.version).split(/\D/).map(Number);
  version = major * 10_000 + minor * 100 + patch;
});

afterAll(async () => {
  connection.destroy();
  await databases[Symbol.asyncDispose]();
});

type Reading =
  | { readonly values: readonly unknown[]; readonly names: readonly string[] }
  /** Where the server stopped: `near` has all that is left. */
  | { readonly near: string }
  | 'read';

async function serverReads(sql: string): Promise<Reading> {
  try {
    const [rows, fields] = (await connection.query({ sql, rowsAsArray: true })) as unknown as [
      unknown[][],
      FieldPacket[],
    ];
    return { values: rows[0] ?? [], names: fields?.map(({ name }) => name) ?? [] };
  } catch (error) {
    const { errno, sqlMessage = '' } = error as { errno?: number; sqlMessage?: string };
    const near = errno === 1064 ? /near '([\s\S]*)' at line \d+$/.exec(sqlMessage)?.[1] : undefined;
    return near === undefined ? 'read' : { near };
  }
}

/** What `select` and literals with aliases give, as the lexer reads them; null where it is something else. */
function lexerReads(sql: string, modes: LexerModes) {
  const items: SqlToken[][] = [[]];
  for (const token of codeTokens(sql, modes).slice(1)) {
    if (token.text === ',' && token.kind === 'symbol') items.push([]);
    else items.at(-1)?.push(token);
  }
  const read = items.map((tokens) => {
    const strings = tokens.filter(({ kind }) => kind === 'string');
    const names = tokens.filter(({ kind }) => kind === 'name');
    const kinds = tokens.map(({ kind, text }) => (text === 'AS' ? 'as' : kind)).join(' ');
    return /^(introducer )?string( string)*( as name)?$/.test(kinds)
      ? { value: strings.map(({ text }) => text).join(''), name: names[0]?.text }
      : null;
  });
  return read.every((item) => item !== null) ? read : null;
}

/** Literals whose insides are made of what ends and escapes, each perhaps with a comment and a name. */
const literals = fc
  .array(
    fc.tuple(
      fc.constantFrom('', '', '', 'n', '_utf8mb4', '_utf8mb4 ', '/*!80000 ', "/*'*/", '-- "\n'),
      fc.constantFrom("'", "'", '"'),
      fc.array(
        fc.constantFrom(
          "'",
          "''",
          '"',
          '""',
          '\\',
          '\\\\',
          "\\'",
          '`',
          '/*',
          '*/',
          '-- ',
          '#',
          'a',
          'é',
          '%',
          '\\n',
          '\\_',
          '\n',
          ',',
        ),
        { maxLength: 5 },
      ),
      fc.constantFrom('', '', ' as `n``"\'\\`', ' /* as "x" */', " 'b'", ' as "n`"""', '*/'),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((items) =>
    items
      .map(([before, quote, inside, behind]) => before + quote + inside.join('') + quote + behind)
      .join(','),
  );

const soups = fc
  .array(fc.constantFrom(...sqlFragments), { minLength: 1, maxLength: 14 })
  .map((parts) => parts.join(''));

it.each(sqlModes)(
  `reads strings, names and comments as the server does in sql_mode %j (${count} statements, TANDEM_TEST_SEED=${seed})`,
  { timeout: 600_000 },
  async (sqlMode, mode) => {
    await connection.query(`set sql_mode = '${sqlMode}'`);
    const modes = { ...mode, version };
    const tally = { same: 0, near: 0, read: 0 };
    await fc.assert(
      fc.asyncProperty(fc.oneof(literals, soups), async (text) => {
        // The server does not see blanks and semicolons at the end.
        const sql = `select ${text}`.replace(/[; \t-\r]+$/, '');
        // `near` has 80 characters at most. Before MySQL 8.1, $ begins a name alone.
        fc.pre(sql.length < 75 && !/\$[^$]*\$/.test(sql));
        // What stands behind @ without a name is refused before it is read.
        fc.pre(!/@(?![\w$.@'"`])|@@(?![\w$`])/.test(sql));
        const reading = await serverReads(sql);
        if (reading === 'read') {
          tally.read += 1;
          expect(
            [...lex(sql, modes)].some(({ kind }) => kind === 'unclosed'),
            sql,
          ).toBe(false);
        } else if ('near' in reading) {
          tally.near += 1;
          // The server has overwritten what opens a comment that it skips: only the length counts.
          const starts = codeTokens(sql, modes).flatMap(({ kind, start }) =>
            // Of which @ is a token by itself to the server.
            kind === 'variable' ? [start, start + 1, start + 2] : [start],
          );
          expect([...starts, sql.length], `${sql} near ${reading.near}`).toContain(
            sql.length - reading.near.length,
          );
        } else {
          const read = lexerReads(sql, modes);
          if (read === null) return;
          tally.same += 1;
          expect(read.map(({ value }) => value)).toEqual(reading.values);
          for (const [at, { name }] of read.entries())
            if (name !== undefined) expect(name).toBe(reading.names[at]);
        }
      }),
      { numRuns: count, seed },
    );
    // Of each kind there are enough.
    expect(Math.min(tally.same, tally.near), JSON.stringify(tally)).toBeGreaterThan(count / 20);
    if (process.env.TANDEM_LONG === '1') console.info(`seed ${seed}, sql_mode ${sqlMode}:`, tally);
  },
);
