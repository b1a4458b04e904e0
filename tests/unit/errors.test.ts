import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { Patient } from '../../src/entities/patient.ts';
import { fromMysql } from '../../src/errors/from-mysql.ts';
import { TandemError } from '../../src/errors/tandem-error.ts';
import { formatError } from '../../src/graphql/format-error.ts';
import { createLog } from '../../src/log/log.ts';
import { namesIn } from '../../src/sources/api-names.ts';
import { entityMetadata } from '../helpers/metadata.ts';

const driverError = (fields: object) =>
  Object.assign(new Error("Duplicate entry 'canary' for key"), { sql: "insert … 'canary'", ...fields });
const names = namesIn(await entityMetadata());

describe('a driver’s error', () => {
  it.each([
    [{ errno: 1045, code: 'ER_ACCESS_DENIED_ERROR', sql: undefined }, 'SOURCE_UNAVAILABLE'],
    [{ errno: 1045, code: 'ER_ACCESS_DENIED_ERROR' }, 'SOURCE_ACCESS_DENIED'],
    [{ errno: 1142, code: 'ER_TABLEACCESS_DENIED_ERROR' }, 'SOURCE_ACCESS_DENIED'],
    [{ errno: 1153, code: 'ER_NET_PACKET_TOO_LARGE' }, 'OPERATION_TOO_COMPLEX'],
    [{ errno: 1390, code: 'ER_PS_MANY_PARAM' }, 'OPERATION_TOO_COMPLEX'],
    [{ errno: 1146, code: 'ER_NO_SUCH_TABLE' }, 'SCHEMA_OUTDATED'],
    [{ errno: 1062, code: 'ER_DUP_ENTRY' }, 'DUPLICATE'],
    [{ errno: 1205, code: 'ER_LOCK_WAIT_TIMEOUT' }, 'TIMEOUT'],
    [{ errno: 1213, code: 'ER_LOCK_DEADLOCK' }, 'CONFLICT'],
    [{ errno: 1290, code: 'ER_OPTION_PREVENTS_STATEMENT' }, 'READ_ONLY'],
    [{ errno: 1406, code: 'ER_DATA_TOO_LONG' }, 'VALUE_TOO_LONG'],
    [{ errno: 1451, code: 'ER_ROW_IS_REFERENCED_2' }, 'REFERENCED'],
    [{ errno: 1452, code: 'ER_NO_REFERENCED_ROW_2' }, 'NOT_FOUND'],
    [{ errno: 3819, code: 'ER_CHECK_CONSTRAINT_VIOLATED' }, 'CHECK_FAILED'],
    [{ errno: -111, code: 'ECONNREFUSED' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'ETIMEDOUT' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'ENOTFOUND' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'PROTOCOL_CONNECTION_LOST' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'HANDSHAKE_SSL_ERROR' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'CERT_HAS_EXPIRED' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'SOURCE_UNAVAILABLE'],
  ] as const)('%o becomes %s, without its text', (fields, code) => {
    const error = fromMysql(driverError(fields), 'GCP', names);
    expect(error).toMatchObject({ code, extensions: { code, source: 'GCP', remedy: expect.any(String) } });
    expect(error?.message + JSON.stringify(error?.extensions)).not.toMatch(/canary|insert|\{source/);
  });

  const explained = (errno: number, sqlMessage: string) => {
    const error = fromMysql(driverError({ errno, sqlMessage }), 'AZURE', names);
    return { message: error?.message, fields: error?.extensions.fields };
  };
  const key =
    'CONSTRAINT `medical_records_patient_id_foreign` FOREIGN KEY (`patient_id`) REFERENCES `patients` (`id`) ON DELETE RESTRICT';

  it('names the field of a value that is too long, and its limit', () => {
    expect(explained(1406, "Data too long for column 'first_name' at row 1")).toEqual({
      message: 'firstName is longer than its column, which should take 50 characters.',
      fields: [{ path: 'firstName', message: 'is longer than its column, which should take 50 characters' }],
    });
    expect(explained(1406, "Data too long for column 'elsewhere' at row 1").message).toBe(
      'elsewhere is longer than its column.',
    );
  });

  it.each([
    [1048, "Column 'first_name' cannot be null", 'cannot be null'],
    [1364, "Field 'first_name' doesn't have a default value", 'cannot be null'],
    [1264, "Out of range value for column 'first_name' at row 1", 'is out of the range of its column'],
    [
      1366,
      "Incorrect string value: '\\xE4\\xB8' for column 'first_name' at row 1",
      'has a value that its column cannot hold',
    ],
    [
      1292,
      "Incorrect date value: 'canary for column 'x'' for column 'first_name' at row 1",
      'has a value that its column cannot hold',
    ],
  ])('names the field that the column refuses: %i', (errno, text, message) => {
    expect(explained(errno, text).fields).toEqual([{ path: 'firstName', message }]);
  });

  it('says of a deadlock that nothing was written', () => {
    expect(explained(1213, 'Deadlock found when trying to get lock').message).toContain('undone');
  });

  it('names the field of a key that is nobody’s', () => {
    const text = `Cannot add or update a child row: a foreign key constraint fails (\`db\`.\`medical_records\`, ${key})`;
    expect(explained(1452, text)).toEqual({
      message: 'patientKey is the key of no Patient.',
      fields: [{ path: 'patientKey', message: 'is the key of no Patient' }],
    });
  });

  it('names the rows that refer to a row', () => {
    const text = `Cannot delete or update a parent row: a foreign key constraint fails (\`db\`.\`medical_records\`, ${key})`;
    expect(explained(1451, text)).toEqual({
      message: 'There are MedicalRecord rows that refer to this one by patientKey.',
      fields: undefined,
    });
  });

  it('says the rule that was broken', () => {
    const text = "Check constraint 'NAME' is violated.";
    const name = 'medical_records_discharge_date_check';
    expect(explained(3819, text.replace('NAME', name))).toEqual({
      message: `The values contradict the rule ${name}: dischargeDate is null or dischargeDate >= admissionDate.`,
      fields: ['dischargeDate', 'admissionDate'].map((path) => ({
        path,
        message: `contradicts the rule ${name}`,
      })),
    });
    expect(explained(3819, text)).toEqual({
      message: 'The values contradict the rule NAME.',
      fields: undefined,
    });
  });

  it.each(['patients.patients_contact_number_unique', 'patients_contact_number_unique'])(
    'names the field of a duplicate, never its value: %s',
    async (index) => {
      const metadata = await entityMetadata();
      const uniques = metadata.get(Patient).uniques;
      uniques.push({ name: 'patients_contact_number_unique', properties: 'contactNumber' as never });
      const sqlMessage = `Duplicate entry 'canary for key 'patients.x'' for key '${index}'`;
      const error = fromMysql(driverError({ errno: 1062, sqlMessage }), 'AZURE', namesIn(metadata));
      expect(error?.extensions.fields).toEqual([
        { path: 'contactNumber', message: 'has a value that another row has already' },
      ]);
      expect(error?.message).not.toMatch(/canary/);
    },
  );

  it('names the field of a duplicate whose column alone is unique', async () => {
    const metadata = await entityMetadata();
    const properties = metadata.get(Patient).properties;
    properties.lastName.unique = 'patients_last_name_unique';
    const sqlMessage = "Duplicate entry 'canary' for key 'patients.patients_last_name_unique'";
    const error = fromMysql(driverError({ errno: 1062, sqlMessage }), 'AZURE', namesIn(metadata));
    expect(error?.extensions.fields).toMatchObject([{ path: 'lastName' }]);
  });

  it('is left alone where it is none', () => {
    expect(fromMysql(new TypeError('x is not a function'), 'GCP', names)).toBeNull();
    expect(fromMysql('text', 'GCP', names)).toBeNull();
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
    const fields = [{ path: 'input.firstName', message: 'cannot be null' }];
    const original = new TandemError('BAD_USER_INPUT', { source: 'AZURE', fields });
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
        req: {
          method: 'GET',
          url: '/graphql?query={canary}',
          routeOptions: { url: '/graphql' },
          headers: { authorization: 'canary' },
        },
      });
      log.info({ req: { method: 'GET', url: '/canary', routeOptions: {} } });
    });
    expect(line).toContain('"path":"/graphql"');
    expect(line).toContain('"path":"unknown"');
    expect(line).not.toContain('canary');
  });
});
