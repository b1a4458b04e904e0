import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { fromMysql } from '../../src/errors/from-mysql.ts';
import { TandemError } from '../../src/errors/tandem-error.ts';
import { formatError } from '../../src/graphql/format-error.ts';
import { createLog } from '../../src/log.ts';

const driverError = (fields: object) =>
  Object.assign(new Error("Duplicate entry 'canary' for key"), { sql: "insert … 'canary'", ...fields });
const property = (column: string) => (column === 'first_name' ? 'firstName' : column);

describe('a driver’s error', () => {
  it.each([
    [{ errno: 1045, code: 'ER_ACCESS_DENIED_ERROR' }, 'SOURCE_UNAVAILABLE'],
    [{ errno: 1146, code: 'ER_NO_SUCH_TABLE' }, 'SCHEMA_OUTDATED'],
    [{ errno: 1062, code: 'ER_DUP_ENTRY' }, 'DUPLICATE'],
    [{ errno: 1205, code: 'ER_LOCK_WAIT_TIMEOUT' }, 'TIMEOUT'],
    [{ errno: 1452, code: 'ER_NO_REFERENCED_ROW_2' }, 'NOT_FOUND'],
    [{ errno: -111, code: 'ECONNREFUSED' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'ETIMEDOUT' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'ENOTFOUND' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'PROTOCOL_CONNECTION_LOST' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'HANDSHAKE_SSL_ERROR' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'CERT_HAS_EXPIRED' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'SOURCE_UNAVAILABLE'],
  ] as const)('%o becomes %s, without its text', (fields, code) => {
    const error = fromMysql(driverError(fields), 'GCP', property);
    expect(error).toMatchObject({ code, extensions: { code, source: 'GCP', remedy: expect.any(String) } });
    expect(error?.message + JSON.stringify(error?.extensions)).not.toMatch(/canary|insert|\{source/);
  });

  it('names the field of a value that is too long as the API does', () => {
    const sqlMessage = "Data too long for column 'first_name' at row 1";
    expect(fromMysql(driverError({ errno: 1406, sqlMessage }), 'AZURE', property)?.message).toBe(
      'firstName is too long.',
    );
  });

  it.each(["Check constraint 'a_check' is violated.", 'CONSTRAINT `a_check` failed for `db`.`t`'])(
    'names the rule that was broken: %s',
    (sqlMessage) => {
      expect(fromMysql(driverError({ errno: 3819, sqlMessage }), 'AZURE', property)?.message).toContain(
        'a_check',
      );
    },
  );

  it('is left alone where it is none', () => {
    expect(fromMysql(new TypeError('x is not a function'), 'GCP', property)).toBeNull();
    expect(fromMysql('text', 'GCP', property)).toBeNull();
  });
});

describe('what a client sees', () => {
  const formatted = (error: Error) => ({
    message: error.message,
    path: ['patients'],
    extensions: { code: 'INTERNAL_SERVER_ERROR', stacktrace: ['at secret'] },
  });

  it('of an unexpected error is its code and nothing else', () => {
    const error = new GraphQLError('canary', { originalError: new Error('canary') });
    const shown = formatError(formatted(error), error);
    expect(shown).toMatchObject({ path: ['patients'], extensions: { code: 'INTERNAL_SERVER_ERROR' } });
    expect(JSON.stringify(shown)).not.toMatch(/canary|secret/);
  });

  it('of a coded error is what it says', () => {
    const original = new TandemError('DUPLICATE', { source: 'AZURE' });
    const error = new GraphQLError(original.message, { originalError: original, path: ['patients'] });
    expect(formatError({ message: error.message, extensions: { ...original.extensions } }, error)).toEqual({
      message: original.message,
      extensions: original.extensions,
    });
  });
});

describe('the log', () => {
  function logged(write: (log: ReturnType<typeof createLog>) => void): string {
    const lines: string[] = [];
    write(createLog({ level: 'trace' }, { write: (line) => void lines.push(line) }));
    return lines.join('');
  }

  it('keeps the code of an error and drops its text, its SQL and its values', () => {
    const line = logged((log) =>
      log.warn({ err: driverError({ errno: 1062, code: 'ER_DUP_ENTRY' }) }, 'failed'),
    );
    expect(line).toContain('ER_DUP_ENTRY');
    expect(line).not.toContain('canary');
  });

  it('keeps the frames of an error without a code', () => {
    const line = logged((log) => log.error({ err: new TypeError('canary') }));
    expect(line).toContain('errors.test.ts');
    expect(line).not.toContain('canary');
  });

  it('redacts passwords, and drops the query string of a request', () => {
    const line = logged((log) => {
      log.info({ gcp: { password: 'canary', host: 'h' } });
      log.info({
        req: { method: 'GET', url: '/graphql?query={canary}', headers: { authorization: 'canary' } },
      });
    });
    expect(line).toContain('"path":"/graphql"');
    expect(line).not.toContain('canary');
  });
});
