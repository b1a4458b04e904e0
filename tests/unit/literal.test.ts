import { MySqlPlatform, raw } from '@mikro-orm/mysql';
import { describe, expect, it } from 'vitest';
import { bind } from '../../src/sources/binding-driver.ts';
import { type Value, withValues } from '../../src/sql/literal.ts';

describe('a statement with its values in its text', () => {
  it('holds them as text that means the same under every sql_mode', () => {
    expect(withValues('select ?, ?, ?, ?, ?', ["O'Brien", 'a\\b', null, 1.5, true])).toBe(
      "select 'O''Brien', _utf8mb4 x'615c62', NULL, 1.5, 1",
    );
    expect(withValues('select ?, ?', [Buffer.from([0, 255]), 10n])).toBe("select x'00ff', 10");
  });

  it('holds none within quoted texts, names and comments', () => {
    const sql = `select '?''?', "?", \`a?\`, ? /* ? */ -- ?\n, ? # ?`;
    expect(withValues(sql, ['?', 'x'])).toBe(`select '?''?', "?", \`a?\`, '?' /* ? */ -- ?\n, 'x' # ?`);
  });

  it('is the same where the lexer is asked for the whole statement', () => {
    const values = ["O'Brien", 'a\\b ? --', null, 1, '/* ? */'];
    const sql = 'insert into `a?` (`b`) values (?, default), (?, ?), (?), (?)';
    expect(withValues(sql, values)).toBe(withValues(`${sql} /**/`, values).replace(' /**/', ''));
    expect(withValues(sql, values)).toContain("`a?` (`b`) values ('O''Brien', default), (_utf8mb4 x'");
  });

  it('is not made where there are more values than places, or fewer, or one that is none', () => {
    expect(() => withValues('select ?', ['a', 'b'])).toThrow('another number');
    expect(() => withValues('select ?, ?', ['a'])).toThrow('none of MySQL');
    expect(() => withValues('select ?', [Number.NaN])).toThrow('none of MySQL');
  });
});

describe('the ORM’s placeholders', () => {
  const platform = new MySqlPlatform();
  const bound = (sql: string, params: readonly unknown[]) => {
    const values: Value[] = [];
    return [bind(platform, sql, params, values), values];
  };

  it('become MySQL’s, with the values aside', () => {
    expect(bound('?? = ? and b in (?)', ['t.a', "x'?", ['?', 2]])).toEqual([
      '`t`.`a` = ? and b in (?, ?)',
      ["x'?", '?', 2],
    ]);
    expect(
      bound('(a, b) in (?)', [
        [
          [1, 2],
          [3, 4],
        ],
      ]),
    ).toEqual(['(a, b) in ((?, ?), (?, ?))', [1, 2, 3, 4]]);
    expect(bound('?', [raw('lower(?)', ['A'])])).toEqual(['lower(?)', ['A']]);
    expect(bound('a = ?', [{ b: "'" }])).toEqual(['a = ?', ['{"b":"\'"}']]);
    expect(bound('a = ? and b = ?', [undefined, null])).toEqual(['a = ? and b = ?', [null, null]]);
    expect(bound("'\\?' = ?", ['x'])).toEqual(["'?' = ?", ['x']]);
  });

  it('stay as they are where there are no values', () => {
    expect(bound("select '?', '??'", [])).toEqual(["select '?', '??'", []]);
  });
});
