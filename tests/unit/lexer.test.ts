import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRoutine } from '../../src/drift/ddl-programs.ts';
import { parseGrants } from '../../src/information-schema/grants.ts';
import { isLatin1, misreadAsLatin1 } from '../../src/information-schema/latin1-expressions.ts';
import { bodyIn } from '../../src/information-schema/program-bodies.ts';
import { emptyAnswer } from '../../src/migrator/empty-database.ts';
import { statementOf } from '../../src/migrator/lint/statement.ts';
import { lostWithSession } from '../../src/migrator/lost-session-state.ts';
import { beginningOf, firstWord } from '../../src/sql/beginning.ts';
import { literalIn, literalInParentheses } from '../../src/sql/default.ts';
import { sameExpression } from '../../src/sql/expression.ts';
import { type LexerModes, lex } from '../../src/sql/lexer.ts';
import { withValues } from '../../src/sql/literal.ts';
import { quoteText, unquoteText } from '../../src/sql/quote.ts';
import { statementSummary, statementText } from '../../src/sql/redact-statement.ts';
import { splitStatements } from '../../src/sql/split-statements.ts';
import { withNames } from '../../src/sql/with-names.ts';
import { sqlFragments } from '../helpers/sql-fragments.ts';

/** Each token as `kind text`, without blanks. */
const read = (sql: string, modes: LexerModes = {}) =>
  [...lex(sql, modes)]
    .filter(({ kind }) => kind !== 'blank')
    .map(({ kind, start, end }) => `${kind} ${sql.slice(start, end)}`);

const modes: fc.Arbitrary<LexerModes> = fc.record({
  ansiQuotes: fc.boolean(),
  noBackslashEscapes: fc.boolean(),
  version: fc.constantFrom(50700, 80400, 90700),
});

describe('the lexer', () => {
  it('gives back the text when its tokens are put together, whatever the text', () => {
    const text = fc.oneof(
      fc.array(fc.constantFrom(...sqlFragments), { maxLength: 30 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, modes, (sql, how) => {
        const tokens = [...lex(sql, how)];
        expect(tokens.map(({ start, end }) => sql.slice(start, end)).join('')).toBe(sql);
        for (const [at, { start, end }] of tokens.entries()) {
          expect(start).toBe(tokens[at - 1]?.end ?? 0);
          expect(end).toBeGreaterThan(start);
        }
      }),
      { numRuns: 500 },
    );
  });

  // Each as MySQL 9.7 reads it: tests/integration/lexer.test.ts asks the server.
  it.each([
    ["'/*' 1 '*/'", ["string '/*'", 'number 1', "string '*/'"]],
    ["/* ' */ 1 -- '\n", ["comment /* ' */", 'number 1', "comment -- '"]],
    ['`a``b"c` "d`e"', ['name `a``b"c`', 'string "d`e"']],
    ['a--b', ['word a', 'symbol -', 'symbol -', 'word b']],
    ['a-- b', ['word a', 'comment -- b']],
    ['a--', ['word a', 'comment --']],
    ['a--\u0001b', ['word a', 'comment --\u0001b']],
    ['1/*!80000 +1*/', ['number 1', 'version /*!80000', 'symbol +', 'number 1', 'version */']],
    ['1/*!080000 +1*/', ['number 1', 'version /*!080000', 'symbol +', 'number 1', 'version */']],
    ['1/*!99999 +1 /* x */ */', ['number 1', 'comment /*!99999 +1 /* x */ */']],
    ['/*!99999 "*/"', ['comment /*!99999 "*/', 'unclosed "']],
    ['/*!80000 "*/" */', ['version /*!80000', 'string "*/"', 'version */']],
    ['/*!80000 /* x */ 1 */', ['version /*!80000', 'comment /* x */', 'number 1', 'version */']],
    ['2*/*;*/3', ['number 2', 'symbol *', 'comment /*;*/', 'number 3']],
    ['2 */ 3', ['number 2', 'symbol *', 'symbol /', 'number 3']],
    [
      "_utf8mb4'a' _utf8mb4 x'61'",
      ['introducer _utf8mb4', "string 'a'", 'introducer _utf8mb4', "binary x'61'"],
    ],
    ["n'a\\'b' N'c'", ["string n'a\\'b'", "string N'c'"]],
    ["0x1f 0X1f 0x1g b'01' 0b2", ['binary 0x1f', 'word 0X1f', 'word 0x1g', "binary b'01'", 'word 0b2']],
    [
      '1e5 1e 15x 1.5e-3 .5 1.',
      ['number 1e5', 'word 1e', 'word 15x', 'number 1.5e-3', 'number .5', 'number 1.'],
    ],
    [
      't.1 t.end `t`.end',
      ['word t', 'symbol .', 'name 1', 'word t', 'symbol .', 'name end', 'name `t`', 'symbol .', 'name end'],
    ],
    ['@a.b @@global.c', ['variable @a.b', 'variable @@global', 'symbol .', 'name c']],
    ['a<=>b->>c:=d', ['word a', 'symbol <=>', 'word b', 'symbol ->>', 'word c', 'symbol :=', 'word d']],
    ['a\u00a0b\u3000c', ['word a\u00a0b\u3000c']],
    ["$$a'b;$$ $x$c$$d$x$ $e", ["string $$a'b;$$", 'string $x$c$$d$x$', 'word $e']],
    ["1 'x", ['number 1', "unclosed 'x"]],
    ['1 /* x', ['number 1', 'unclosed /* x']],
    ['# a\r+ 1\n2', ['comment # a\r+ 1', 'number 2']],
  ] as const)('reads %j', (sql, tokens) => {
    expect(read(sql)).toEqual(tokens);
  });

  it.each([
    [String.raw`'a\'b'`, {}, [String.raw`string 'a\'b'`]],
    [String.raw`'a\' 'b'`, { noBackslashEscapes: true }, [String.raw`string 'a\'`, "string 'b'"]],
    [String.raw`'a\\' 'b'`, {}, [String.raw`string 'a\\'`, "string 'b'"]],
    [String.raw`"a\" 'b'`, { ansiQuotes: true }, [String.raw`name "a\"`, "string 'b'"]],
    ['"a""b"', { ansiQuotes: true }, ['name "a""b"']],
    ['/*!80400 1*/', { version: 80000 }, ['comment /*!80400 1*/']],
  ] as const)('reads %s in the modes %j', (sql, how, tokens) => {
    expect(read(sql, how)).toEqual(tokens);
  });

  it('reads a text of megabytes in one string, and a million quotes within one', () => {
    const long = `'${"a\\'''".repeat(1_000_000)}'`;
    expect(read(`select ${long}, 1`).map((token) => token.slice(0, 8))).toEqual([
      'word sel',
      "string '",
      'symbol ,',
      'number 1',
    ]);
  });
});

describe('a text of several statements', () => {
  it.each([
    ['select 2*/* ; */3; do 1', ['select 2*/* ; */3', 'do 1']],
    ['select t.begin; do 1', ['select t.begin', 'do 1']],
    ["select 'a;''b;\\'c;'; do 1", ["select 'a;''b;\\'c;'", 'do 1']],
    ['do 1; /*!80000 do 2; */', ['do 1', '/*!80000 do 2; */']],
    ['do 1; /*!99999 do 2; */', ['do 1']],
    ['do 1; # a; b', ['do 1']],
    ['do 1; do 2 /* a', ['do 1', 'do 2 /* a']],
    [
      'create procedure p() begin case 1 when 1 then do 1; end case; do 2; end; do 3',
      ['create procedure p() begin case 1 when 1 then do 1; end case; do 2; end', 'do 3'],
    ],
  ])('is split where MySQL ends one: %s', (sql, statements) => {
    expect(splitStatements(sql)).toEqual(statements);
  });

  it('is read as the sql_mode that it sets itself will have it', () => {
    for (const set of [
      "set sql_mode = 'NO_BACKSLASH_ESCAPES'",
      "SET @@session.sql_mode := 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
      "set time_zone = '+00:00', sql_mode = 'NO_BACKSLASH_ESCAPES'",
    ]) {
      const sql = `${set}; select '\\'; set sql_mode = default; select '\\';\\''`;
      expect(splitStatements(sql)).toEqual([
        set,
        "select '\\'",
        'set sql_mode = default',
        "select '\\';\\''",
      ]);
    }
    expect(splitStatements("set global sql_mode = 'NO_BACKSLASH_ESCAPES'; select '\\';'")).toHaveLength(2);
  });
});

describe('what reads SQL by the lexer', () => {
  it('quotes a text so that it comes back, whatever it is, in either mode', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, noBackslashEscapes) => {
        const literal = quoteText(text, { noBackslashEscapes });
        expect(unquoteText(literal, { noBackslashEscapes })).toBe(text);
        expect(read(literal, { noBackslashEscapes })).toEqual([`string ${literal}`]);
      }),
    );
  });

  it('puts values where MySQL takes them, and nowhere else', () => {
    expect(withValues('select 2*/* ? */?, 1--?', [1, 2])).toBe('select 2*/* ? */1, 1--2');
    expect(withValues("select ? /*!80000 , ? */ /*!99999 ? */, n'?'", [1, 2])).toBe(
      "select 1 /*!80000 , 2 */ /*!99999 ? */, n'?'",
    );
  });

  it('shows no value of a statement whose comments and texts end elsewhere than they seem to', () => {
    expect(statementText("select 2*/* Canary */'Canary' -- \u0001Canary\n, 1--2")).toBe('select ?* ? , ?--?');
    expect(statementText("select _utf8mb4/* c */'Canary', $$Canary$$ /*!80000 , 'Canary' */")).toBe(
      'select ?, ? , ?',
    );
    expect(statementSummary('select ? from `a b`.`c``d` as `e`')).toEqual({
      operation: 'select',
      table: 'c`d',
    });
  });

  it('takes expressions for the same that say the same', () => {
    expect(sameExpression("a = 'it''s'", String.raw`a = 'it\'s'`)).toBe(true);
    expect(sameExpression('a > 1 /* why */', 'a > 1')).toBe(true);
    expect(sameExpression('a > .5', '(a > .5)')).toBe(true);
    expect(sameExpression("a = 'x--y'", "a = 'x'")).toBe(false);
    expect(sameExpression('a--1', 'a')).toBe(false);
  });

  it('takes the literal of a default, and not what only begins and ends as one', () => {
    expect(literalIn(String.raw`'a\tb\Z'`)).toBe('a\tb\x1a');
    expect(literalIn("'a' 'b'")).toBeNull();
    expect(literalInParentheses("(_utf8mb4'a)')")).toBe('a)');
    expect(literalInParentheses("(concat('a'))")).toBeNull();
  });

  it('respells names alone, in the mode of the program', () => {
    const spell = (name: string) => (name.toLowerCase() === 'Patients'.toLowerCase() ? 'PATIENTS' : name);
    const ansi = { ansiQuotes: true, noBackslashEscapes: true };
    expect(
      withNames("select 'patients' /* patients */ from patients, \"patients\" where a = '\\'", spell, ansi),
    ).toBe("select 'patients' /* patients */ from PATIENTS, `PATIENTS` where a = '\\'");
    expect(withNames('select "patients", 2*/* patients */@patients', spell)).toBe(
      'select "patients", 2*/* patients */@patients',
    );
  });

  it('finds the introducer _latin1 where it introduces, and not within a text', () => {
    expect(isLatin1("(`a` <> _utf8mb4'_latin1''x')")).toBe(false);
    expect(isLatin1("(`a` <> _latin1'x')")).toBe(true);
    expect(misreadAsLatin1("(`_latin1'` = _latin1'\u00e9')")).toBe("(`_latin1'` = '\u00e9')");
  });

  it('finds the body of a program made under ANSI_QUOTES and NO_BACKSLASH_ESCAPES', () => {
    const create = String.raw`CREATE DEFINER="admin"@"%" TRIGGER "for each row" before insert on "t\" for each row set @a = '\'`;
    expect(bodyIn('TRIGGER', create, { ansiQuotes: true, noBackslashEscapes: true })).toBe(
      String.raw`set @a = '\'`,
    );
  });

  it('writes a routine’s comment as the mode of the routine reads it', () => {
    const routine = {
      name: 'p',
      kind: 'PROCEDURE',
      parameters: [],
      returns: null,
      body: 'do 1',
      deterministic: false,
    } as const;
    const more = {
      dataAccess: 'NO SQL',
      security: 'INVOKER',
      comment: 'a\\b',
      sqlMode: 'NO_BACKSLASH_ESCAPES',
    } as const;
    expect(createRoutine({ ...routine, ...more }).join('; ')).toContain(String.raw`comment 'a\b' do 1`);
  });

  it('reads grants whose names hold quotes and words of a grant', () => {
    expect(
      parseGrants(['GRANT SELECT (`a)`, `b ON c`), INSERT ON `d``.`.`e ON` TO `x`@`%` WITH GRANT OPTION']),
    ).toEqual([
      {
        revoked: false,
        privileges: ['INSERT'],
        onColumns: ['SELECT (`a)`, `b ON c`)'],
        schema: 'd`.',
        table: 'e ON',
        grantOption: true,
      },
    ]);
    expect(parseGrants(['GRANT SELECT ON `a`.* TO `WITH GRANT OPTION`@`%`'])[0]?.grantOption).toBe(false);
    expect(parseGrants(['GRANT `r`@`%` TO `x`@`%`', 'GRANT PROXY ON ``@`` TO `x`@`%`'])).toEqual([]);
  });

  it('answers a migration’s question by its code, not by its texts', () => {
    expect(emptyAnswer("select count(*) as `n` from t where a <> 'mysql'", 'm')).toEqual([{ n: 0 }]);
    expect(emptyAnswer("select max(concat(a, ')')) as m from t", 'm')).toEqual([{ m: null }]);
  });

  it('tells how a statement begins, behind comments', () => {
    expect(beginningOf('/* a */ alter  table `a``b` add c int')).toBe('alter table `a``b`');
    expect(beginningOf("insert into t values ('x')")).toBe('insert into');
    expect(firstWord('/* a */ -- b\n ((select 1))')).toBe('select');
    expect(firstWord("'select'")).toBe('');
  });

  it('takes <> for no bound of a change, and reads SET without its texts', () => {
    expect(statementOf('delete from t where a <> 5')).toMatchObject({ reach: 'some' });
    expect(statementOf('delete from t where a >= 5 and a <= 7')).toMatchObject({ reach: 'bounded' });
    expect(statementOf("set @a = 'foreign_key_checks = 0'")).toEqual({ kind: 'harmless' });
    expect(statementOf('set @@session.foreign_key_checks := off')).toEqual({
      kind: 'foreignKeyChecks',
      on: false,
    });
    expect(lostWithSession(['do 1', "insert into t values ('last_insert_id()')"], 1, 'd')).toBeNull();
  });
});
