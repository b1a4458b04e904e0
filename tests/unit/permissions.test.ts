import { describe, expect, it } from 'vitest';
import { type AccessRules, claim } from '../../src/access/permission.ts';
import { entities } from '../../src/entities/index.ts';
import { declaredRules } from '../../src/entities/roles.ts';
import type { GuardedTable } from '../../src/reads/guarded-table.ts';
import { checkPermissions } from '../../src/resolvers/table/check-permissions.ts';
import { replaceTables } from '../../src/sql/replace-tables.ts';
import { entityMetadata } from '../helpers/metadata.ts';

describe('the tables of a statement', () => {
  const part = (sql: string, ...params: GuardedTable['params']) => ({
    sql,
    sqlByIndex: sql.replace('select', 'select /*+ INDEX(`row`) */'),
    params,
    hidesRows: true,
  });
  const tables = new Map([
    ['patients', part('select `a` from `patients` as `row` where `a` = ?', { claim: 0 })],
    ['doctors', part('select 1 from `doctors` as `row` where 1 = 0')],
  ]);

  it('are replaced wherever rows come from, and parameters stay with their marks', () => {
    const sql =
      'select ? from `patients` as `row` left join `medical_records` as `child` on `x` = ? where `id` in (select `k` from `doctors` as `owner` inner join `patients` as `row` on ? = 1) limit ?';
    const { sql: guarded, params } = replaceTables({ sql, params: ['p', 'q', 'r', 's'] }, tables);
    expect(guarded).toBe(
      'select ? from (select `a` from `patients` as `row` where `a` = ?) as `row` left join `medical_records` as `child` on `x` = ? where `id` in (select `k` from (select 1 from `doctors` as `row` where 1 = 0) as `owner` inner join (select `a` from `patients` as `row` where `a` = ?) as `row` on ? = 1) limit ?',
    );
    expect(params).toEqual(['p', { claim: 0 }, 'q', { claim: 0 }, 'r', 's']);
  });

  it('are read by an index where the statement says so of their alias', () => {
    const sql =
      'select /*+ INDEX(`child`) */ 1 from `patients` as `child` inner join `patients` as `row` on ? = 1';
    expect(replaceTables({ sql, params: ['p'] }, tables)).toEqual({
      sql: 'select /*+ INDEX(`child`) */ 1 from (select /*+ INDEX(`row`) */ `a` from `patients` as `row` where `a` = ?) as `child` inner join (select `a` from `patients` as `row` where `a` = ?) as `row` on ? = 1',
      params: [{ claim: 0 }, { claim: 0 }, 'p'],
    });
  });

  it('are no columns and aliases of their names', () => {
    const sql =
      'select /*+ NO_MERGE(`doctors`) */ `row`.`doctors`, `doctors`.`id` as `doctors` from `pets` as `row` left join `doctors` as `doctors` on `doctors`.`id` = `row`.`doctors`';
    expect(replaceTables({ sql, params: [] }, tables).sql).toBe(
      sql.replace('join `doctors`', 'join (select 1 from `doctors` as `row` where 1 = 0)'),
    );
  });

  it.each([
    'select 1 from `x` as `a`, `patients` as `b`',
    'update `patients` set `a` = 1',
    'delete from `patients` where `a` = 1',
    'select 1 from `patients`',
    'select 1 from `tandem`.`patients` as `row`',
  ])('are refused in a place that no rule reaches: %s', (sql) => {
    expect(() => replaceTables({ sql, params: [] }, tables)).toThrow(
      'the table patients in a place that no rule reaches',
    );
  });
});

describe('permissions', async () => {
  const metadata = await entityMetadata();
  const roles: AccessRules['roles'] = { nurse: { description: 'A test.' } };
  const faultsOf = (tables: Record<string, Record<string, unknown>>): string => {
    try {
      checkPermissions(metadata, { roles, tables: tables as unknown as AccessRules['tables'] }, entities);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('that the entities declare have no fault', () => {
    expect(() => checkPermissions(metadata, declaredRules(entities), entities)).not.toThrow();
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['Patient', { visitor: { read: true } }, /the role visitor that is none of the roles/],
    ['Patient', { administrator: { read: true } }, /the role administrator that is none of the roles/],
    ['Patient', { constructor: { read: true } }, /the role constructor that is none of the roles/],
    [
      'Patient',
      { nurse: { read: { columns: ['surname'] } } },
      /names surname, which is no column of the API/,
    ],
    ['Patient', { nurse: { read: { columns: ['records'] } } }, /names records, which is no column/],
    ['Patient', { nurse: { read: { rows: { surname: { eq: 'x' } } } } }, /surname is no property of Patient/],
    [
      'Patient',
      { nurse: { read: { rows: { constructor: { eq: 'x' } } } } },
      /constructor is no property of Patient/,
    ],
    [
      'Patient',
      { nurse: { read: { rows: { lastName: { like: 'x' } } } } },
      /lastName\.like is no comparison/,
    ],
    [
      'Patient',
      { nurse: { read: { rows: { lastName: { contains: claim('x') } } } } },
      /lastName\.contains is no comparison, or takes no claim/,
    ],
    ['Patient', { nurse: { read: { rows: { lastName: 'x' } } } }, /lastName has no conditions/],
    [
      'Patient',
      { nurse: { read: { rows: { gender: { ne: 'Male' } } } } },
      /gender\.ne is no value of its column \(FEMALE, MALE, OTHER, UNKNOWN\)/,
    ],
    [
      'Patient',
      { nurse: { read: { rows: { not: { gender: { in: ['male', 'MALES'] } } } } } },
      /gender\.in is no value of its column/,
    ],
    [
      'Patient',
      { nurse: { read: { rows: { dateOfBirth: { lt: 'yesterday' } } } } },
      /dateOfBirth\.lt is no value of its column/,
    ],
    [
      'Patient',
      { nurse: { update: true, read: { rows: { lastName: { eq: null } } } } },
      /lastName\.eq is no value of its column/,
    ],
    [
      'Patient',
      { nurse: { read: { rows: { records: { any: {} } } } } },
      /records\.any is not some, none or every/,
    ],
    [
      'Patient',
      { nurse: { read: { rows: { records: { some: { doctor: { name: { eq: 'x' } } } } } } } },
      /name is no property of Doctor/,
    ],
    [
      'Patient',
      { nurse: { read: { rows: { or: [{ not: { x: { eq: 1 } } }] } } } },
      /x is no property of Patient/,
    ],
    [
      'Patient',
      { nurse: { read: { columns: ['gender'] }, update: { columns: ['lastName'] } } },
      /changes lastName, which it may not read/,
    ],
    [
      'Patient',
      { nurse: { read: true, create: { columns: ['firstName', 'lastName', 'gender'] } } },
      /creates rows without dateOfBirth, which a row needs/,
    ],
    [
      'Patient',
      { nurse: { read: { rowsIn: { GCP: { surname: { eq: 'x' } } } } } },
      /surname is no property of Patient/,
    ],
    [
      'Patient',
      { nurse: { read: true, update: { check: { surname: { eq: 'x' } } } } },
      /a row rule for update in which surname is no property of Patient/,
    ],
    ['Clinic', { nurse: { read: true } }, /Clinic has permissions and is no entity/],
    // What TypeScript refuses, and a server that runs without a type check would take for less of a bound.
    ['Patient', { nurse: true }, /names no operation/],
    [
      'Patient',
      { nurse: { read: true, delete: false } },
      /has false for delete.*leave delete out to deny it/s,
    ],
    ['Patient', { nurse: { read: null } }, /has null for read/],
    ['Patient', { nurse: { read: true, reads: true } }, /names the operation reads/],
    ['Patient', { nurse: { read: { row: { gender: { eq: 'MALE' } } } } }, /bounds read by row\b/],
    ['Patient', { nurse: { read: { rows: undefined } } }, /bounds read by rows, which is undefined/],
    ['Patient', { nurse: { read: { columns: 'gender' } } }, /bounds read by columns, which is no list/],
    ['Patient', { nurse: { read: { sources: ['azure'] } } }, /bounds read by sources, among them azure/],
    ['Patient', { nurse: { read: true, create: { rows: {} } } }, /bounds create by rows/],
    ['Patient', { nurse: { read: true, update: { check: true } } }, /bounds update by check, which is true/],
  ])('of %s as %j are refused at start', (entity, permissions, message) => {
    expect(faultsOf({ [entity]: permissions })).toMatch(message);
  });

  it('are right with every column, comparison and preset of the entity', () => {
    const rows = {
      and: [
        { lastName: { in: claim('names') } },
        { firstName: { eqExact: claim('name') } },
        { not: { records: { none: { doctor: { key: { gt: claim('key') } } } } } },
      ],
    };
    expect(
      faultsOf({
        Patient: {
          nurse: {
            read: { rows },
            create: { columns: ['firstName', 'lastName', 'gender'], presets: { dateOfBirth: claim('day') } },
            update: { columns: ['contactNumber'] },
            delete: { rows },
          },
        },
      }),
    ).toBe('');
  });

  it.each<[object, RegExp]>([
    [{ administrator: { description: 'x' } }, /The role administrator is declared/],
    [{ nurse: { description: 'x', cost: 0 } }, /The role nurse has cost 0, which is no limit/],
    [{ nurse: { description: 'x', pageRows: 1.5 } }, /has pageRows 1.5/],
    [{ nurse: { description: 'x', requestsPerMinute: Number.NaN } }, /has requestsPerMinute NaN/],
    [{ nurse: { description: 'x', requestPerMinute: 5 } }, /The role nurse has requestPerMinute/],
    [{ nurse: { description: 'x', features: ['parityrun'] } }, /has the feature parityrun/],
    ...['a b', 'a,b', 'ärzte', 'a\nb', ''].map(
      (name) =>
        [{ [name]: { description: 'x' } }, /a name that the header X-Tandem-Role cannot carry/] as [
          object,
          RegExp,
        ],
    ),
  ])('of a role with a part that is none are refused at start: %j', (of, message) => {
    expect(() =>
      checkPermissions(metadata, { roles: of as AccessRules['roles'], tables: {} }, entities),
    ).toThrow(message);
  });
});
