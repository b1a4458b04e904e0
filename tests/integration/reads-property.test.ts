import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabases, limits, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { compareValues, holds, type Relations, type Row } from '../helpers/filter-oracle.ts';
import { seed } from '../helpers/random-seed.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

// Random questions over random rows, answered by the API and in memory: both must give the same rows. Patients 61 and 62 and the
// doctors 11 and 12 are gone, and their records are not.

const cases = process.env.TANDEM_LONG === '1' ? 20_000 : 400;
/** Questions of one operation: one request asks many, as aliases. */
const batch = 20;

let databases: TestDatabases;
let server: TestServer;
let patients: readonly Row[];
let records: readonly Row[];
let doctors: readonly Row[];

// Few letters, so that questions hit; with what LIKE, JSON and SQL might trip over, and with cases and accents.
const text = fc.string({
  unit: fc.constantFrom('a', 'A', 'á', 'b', 'B', 'z', '%', '_', '\\', "'", '"', '😀'),
  minLength: 1,
  maxLength: 4,
});
const day = fc
  .integer({ min: 0, max: 40 })
  .map((n) => new Date(Date.UTC(2000, 0, 1 + n)).toISOString().slice(0, 10));
const gender = fc.constantFrom('FEMALE', 'MALE', 'OTHER', 'UNKNOWN');
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 3 });

const patientRow = fc.record({
  firstName: text,
  lastName: text,
  dateOfBirth: day,
  gender,
  contactNumber: maybe(text),
});
const recordRow = fc.record({
  diagnosis: text,
  treatment: maybe(text),
  admissionDate: day,
  stay: maybe(fc.nat(5)),
  owner: fc.nat(61),
  doctor: maybe(fc.nat(11)),
});
const doctorRow = fc.record({ firstName: text, lastName: text, specialty: maybe(text) });

beforeAll(async () => {
  databases = await createDatabases();
  // A batch reads more whole tables than one operation may.
  const lavish = { ...databases.config, limits: { ...limits, cost: 10_000_000 } };
  server = await startServer(lavish, { bothExecutors: true });
  const [people] = fc.sample(fc.array(patientRow, { minLength: 60, maxLength: 60 }), { seed, numRuns: 1 });
  const [stays] = fc.sample(fc.array(recordRow, { minLength: 120, maxLength: 120 }), { seed, numRuns: 1 });
  const [staff] = fc.sample(fc.array(doctorRow, { minLength: 10, maxLength: 10 }), { seed, numRuns: 1 });
  doctors = (staff ?? []).map((row, at) => ({ ...row, key: at + 1, licenceNumber: `L${at}` }));
  patients = (people ?? []).map((row, at) => ({ ...row, key: at + 1 }));
  records = (stays ?? []).map(({ stay, owner, doctor, ...row }, at) => ({
    ...row,
    key: at + 1,
    dischargeDate: stay === null ? null : later(row.admissionDate, stay),
    patient: owner + 1,
    doctor: doctor === null ? null : doctor + 1,
  }));
  const database = databases.config.databases.AZURE;
  const connection = await connect(database, database.migrator);
  await connection.query('set session foreign_key_checks = 0');
  for (const { key, firstName, lastName, dateOfBirth, gender: g, contactNumber } of patients) {
    await connection.execute('insert into patients values (?, ?, ?, ?, ?, ?)', [
      key,
      firstName,
      lastName,
      dateOfBirth,
      g,
      contactNumber,
    ] as never);
  }
  for (const { key, firstName, lastName, specialty, licenceNumber } of doctors) {
    await connection.execute('insert into doctors values (?, ?, ?, ?, ?)', [
      key,
      firstName,
      lastName,
      specialty,
      licenceNumber,
    ] as never);
  }
  for (const { key, patient, diagnosis, treatment, admissionDate, dischargeDate, doctor } of records) {
    await connection.execute('insert into medical_records values (?, ?, ?, ?, ?, ?, ?)', [
      key,
      patient,
      diagnosis,
      treatment,
      admissionDate,
      dischargeDate,
      doctor,
    ] as never);
  }
  await connection.end();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

const later = (from: string, days: number) =>
  new Date(Date.parse(from) + days * 86_400_000).toISOString().slice(0, 10);

/** Whom a record without a doctor leads to, or with a parent who is gone: as SQL's LEFT JOIN has it, every column is null. */
const nobody: Row = {
  key: null,
  firstName: null,
  lastName: null,
  specialty: null,
  licenceNumber: null,
  contactNumber: null,
  dateOfBirth: null,
  gender: null,
};

const relations: Relations = (row, field) => {
  if (row === nobody) return field === 'records' ? [] : undefined;
  if (field === 'records') {
    const owner = 'licenceNumber' in row ? 'doctor' : 'patient';
    return records.filter((record) => record[owner] === row.key);
  }
  if (field === 'doctor') return doctors.find(({ key }) => key === row.doctor) ?? nobody;
  if (field === 'patient') return patients.find(({ key }) => key === row.patient) ?? nobody;
  return undefined;
};

/** Conditions on one column. */
function conditions(value: fc.Arbitrary<unknown>, operators: readonly string[]) {
  const lists = ['in', 'notIn'];
  const one = fc.oneof(
    ...operators.map((operator) => value.map((operand) => ({ [operator]: operand }))),
    ...lists.map((operator) => fc.array(value, { maxLength: 4 }).map((operand) => ({ [operator]: operand }))),
    fc.boolean().map((isNull) => ({ isNull })),
  );
  return fc.oneof(
    { weight: 4, arbitrary: one },
    fc.tuple(one, one).map(([a, b]) => ({ ...a, ...b })),
  );
}
const ordered = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte'];
const textual = [...ordered, 'contains', 'startsWith', 'endsWith'];

const { patientWhere, recordWhere, doctorWhere } = fc.letrec((tie) => {
  const deeper = (name: string) => [
    fc.array(tie(name), { maxLength: 3 }).map((and) => ({ and })),
    fc.array(tie(name), { maxLength: 3 }).map((or) => ({ or })),
    tie(name).map((not) => ({ not })),
  ];
  const quantified = fc.constantFrom('some', 'none', 'every');
  return {
    patientWhere: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'where' },
      conditions(text, textual).map((firstName) => ({ firstName })),
      conditions(text, textual).map((contactNumber) => ({ contactNumber })),
      conditions(day, ordered).map((dateOfBirth) => ({ dateOfBirth })),
      conditions(gender, ['eq', 'ne']).map((g) => ({ gender: g })),
      conditions(fc.integer({ min: 0, max: 61 }), ordered).map((key) => ({ key })),
      fc
        .tuple(quantified, tie('recordWhere'))
        .map(([quantifier, where]) => ({ records: { [quantifier]: where } })),
      conditions(fc.integer({ min: 0, max: 5 }), ordered).map((count) => ({ records: { count } })),
      ...deeper('patientWhere'),
    ),
    recordWhere: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'where' },
      conditions(text, textual).map((treatment) => ({ treatment })),
      conditions(day, ordered).map((dischargeDate) => ({ dischargeDate })),
      tie('patientWhere').map((patient) => ({ patient })),
      tie('doctorWhere').map((doctor) => ({ doctor })),
      ...deeper('recordWhere'),
    ),
    doctorWhere: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'where' },
      conditions(text, textual).map((specialty) => ({ specialty })),
      conditions(text, textual).map((lastName) => ({ lastName })),
      conditions(fc.integer({ min: 0, max: 11 }), ordered).map((key) => ({ key })),
      fc
        .tuple(quantified, tie('recordWhere'))
        .map(([quantifier, where]) => ({ records: { [quantifier]: where } })),
      conditions(fc.integer({ min: 8, max: 16 }), ordered).map((count) => ({ records: { count } })),
      ...deeper('doctorWhere'),
    ),
  };
});

const direction = fc.constantFrom('ASC', 'DESC');
type Step = { readonly [field: string]: string | Step };

/** @param paths as `patient.lastName` */
const orderOf = (paths: readonly string[]) =>
  fc.array(
    fc
      .tuple(fc.constantFrom(...paths), direction)
      .map(([path, to]) =>
        path.split('.').reduceRight<string | Step>((inner, field) => ({ [field]: inner }), to),
      ) as fc.Arbitrary<Step>,
    { maxLength: 3 },
  );

const recordOrders = [
  'diagnosis',
  'treatment',
  'admissionDate',
  'dischargeDate',
  'key',
  'patient.lastName',
  'patient.gender',
  'patient.records.count',
  'doctor.key',
  'doctor.specialty',
  'doctor.records.count',
];

type Question = {
  where: Row;
  orderBy: Step[];
  size: number;
  backward: boolean;
  list: 'patients' | 'medicalRecords' | 'doctors';
};

const question: fc.Arbitrary<Question> = fc.oneof(
  fc.record({
    list: fc.constant('patients' as const),
    where: patientWhere as fc.Arbitrary<Row>,
    orderBy: orderOf([
      'firstName',
      'lastName',
      'dateOfBirth',
      'gender',
      'contactNumber',
      'records.count',
      'key',
    ]),
    size: fc.integer({ min: 1, max: 70 }),
    backward: fc.boolean(),
  }),
  fc.record({
    list: fc.constant('medicalRecords' as const),
    where: recordWhere as fc.Arbitrary<Row>,
    orderBy: orderOf(recordOrders),
    size: fc.integer({ min: 1, max: 130 }),
    backward: fc.boolean(),
  }),
  fc.record({
    list: fc.constant('doctors' as const),
    where: doctorWhere as fc.Arbitrary<Row>,
    orderBy: orderOf(['firstName', 'lastName', 'specialty', 'licenceNumber', 'records.count', 'key']),
    size: fc.integer({ min: 1, max: 12 }),
    backward: fc.boolean(),
  }),
);

/** The keys that a question should find, in order. */
function expected({ list, where, orderBy }: Pick<Question, 'list' | 'where' | 'orderBy'>): number[] {
  const all = { patients, medicalRecords: records, doctors }[list];
  const rows = all.filter((row) => holds(row, where, relations) === true);
  return sorted(rows, orderBy).map(({ key }) => key as number);
}

/** A step as its path and its direction. */
function flat(step: Step): [path: string, to: string] {
  const [[field, inner]] = Object.entries(step) as [[string, string | Step]];
  if (typeof inner === 'string') return [field, inner];
  const [path, to] = flat(inner);
  return [`${field}.${path}`, to];
}

function valueAt(row: Row, path: string): unknown {
  const [field = '', ...inner] = path.split('.');
  if (inner.length === 0) return row[field];
  const related = relations(row, field);
  return Array.isArray(related) ? related.length : valueAt(related as Row, inner.join('.'));
}

function sorted(rows: readonly Row[], orderBy: Question['orderBy']): Row[] {
  const steps = orderBy
    .map(flat)
    .filter(([field], at, all) => all.findIndex(([other]) => other === field) === at);
  const tie = steps.at(-1)?.[1] ?? 'ASC';
  return rows.toSorted((a, b) => {
    for (const [field, to] of [...steps, ['key', tie]] as [string, string][]) {
      const order = compareValues(valueAt(a, field), valueAt(b, field));
      if (order !== 0) return to === 'ASC' ? order : -order;
    }
    return 0;
  });
}

const whereType = { patients: 'PatientWhere', medicalRecords: 'MedicalRecordWhere', doctors: 'DoctorWhere' };
const orderType = {
  patients: 'PatientOrderBy',
  medicalRecords: 'MedicalRecordOrderBy',
  doctors: 'DoctorOrderBy',
};

it(`finds the rows that the same question finds in memory (${cases} cases, TANDEM_TEST_SEED=${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(question, { minLength: batch, maxLength: batch }), async (questions) => {
      const declared = questions.map(
        ({ list }, n) => `$w${n}: ${whereType[list]}, $o${n}: [${orderType[list]}!], $s${n}: Int`,
      );
      const fields = questions.map(
        ({ list, backward }, n) =>
          `q${n}: ${list}(source: AZURE, where: $w${n}, orderBy: $o${n}, ${backward ? 'last' : 'first'}: $s${n}) {
            totalCount nodes { key } pageInfo { hasNextPage hasPreviousPage } }`,
      );
      const variables = Object.fromEntries(
        questions.flatMap(({ where, orderBy, size }, n) => [
          [`w${n}`, where],
          [`o${n}`, orderBy],
          [`s${n}`, size],
        ]),
      );
      const { data, errors } = await server.ask(`query (${declared}) { ${fields.join('\n')} }`, variables);
      expect(errors, server.log.slice(-3).join('')).toBeUndefined();
      questions.forEach((each, n) => {
        const keys = expected(each);
        const { totalCount, nodes, pageInfo } = data[`q${n}`];
        const page = each.backward
          ? keys.slice(Math.max(0, keys.length - each.size))
          : keys.slice(0, each.size);
        expect(
          { totalCount, keys: nodes.map(({ key }: Row) => key), pageInfo },
          JSON.stringify(each),
        ).toEqual({
          totalCount: keys.length,
          keys: page,
          pageInfo: {
            hasNextPage: !each.backward && keys.length > each.size,
            hasPreviousPage: each.backward && keys.length > each.size,
          },
        });
      });
    }),
    { seed, numRuns: cases / batch, endOnFailure: true },
  );
}, 120_000);

it(`visits every row once, walking all pages forward and backward (TANDEM_TEST_SEED=${seed})`, async () => {
  const walk = async (each: Question) => {
    const keys: number[] = [];
    let cursor: string | null = null;
    do {
      const [size, from] = each.backward ? ['last', 'before'] : ['first', 'after'];
      const { data, errors } = await server.ask(
        `query ($w: ${whereType[each.list]}, $o: [${orderType[each.list]}!], $s: Int, $c: String) {
          page: ${each.list}(source: AZURE, where: $w, orderBy: $o, ${size}: $s, ${from}: $c) {
            nodes { key } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
        { w: each.where, o: each.orderBy, s: each.size, c: cursor },
      );
      expect(errors).toBeUndefined();
      const { nodes, pageInfo } = data.page;
      const found = nodes.map(({ key }: Row) => key);
      if (each.backward) keys.unshift(...found);
      else keys.push(...found);
      const more: boolean = each.backward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage;
      cursor = more ? (each.backward ? pageInfo.startCursor : pageInfo.endCursor) : null;
      expect(keys.length).toBeLessThanOrEqual(120);
    } while (cursor !== null);
    return keys;
  };
  await fc.assert(
    fc.asyncProperty(question, fc.integer({ min: 7, max: 40 }), async (each, size) => {
      const walked = {
        ...each,
        where: fc.sample(fc.constantFrom({}, each.where), { seed, numRuns: 1 })[0] as Row,
        size,
      };
      expect(await walk(walked), JSON.stringify(walked)).toEqual(expected(walked));
    }),
    { seed, numRuns: 60, endOnFailure: true },
  );
}, 120_000);

/** A question about the records of each patient or doctor that another question finds. */
const nested = fc.record({
  of: fc.oneof(
    fc.record({ list: fc.constant('patients' as const), where: patientWhere as fc.Arbitrary<Row> }),
    fc.record({ list: fc.constant('doctors' as const), where: doctorWhere as fc.Arbitrary<Row> }),
  ),
  whole: fc.boolean(),
  where: fc.oneof(fc.constant({}), recordWhere as fc.Arbitrary<Row>),
  orderBy: fc.oneof(fc.constant(null), orderOf(recordOrders)),
  size: fc.integer({ min: 0, max: 6 }),
  backward: fc.boolean(),
});

it(`finds the lists of each row that are found in memory, from a cursor of one of them, too (${cases / 10} cases, TANDEM_TEST_SEED=${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(nested, fc.nat(), async ({ of, whole, where, orderBy, size, backward }, at) => {
      const [sizeName, from, cursor] = backward
        ? ['last', 'before', 'startCursor']
        : ['first', 'after', 'endCursor'];
      const ask = async (place: string | null) => {
        const { data, errors } = await server.ask(
          `query ($of: ${whereType[of.list]}, $where: MedicalRecordWhere, $orderBy: [MedicalRecordOrderBy!], $size: Int, $place: String) {
            list: ${of.list}(source: AZURE, where: $of, first: 70) { nodes { key
              records(where: $where, orderBy: $orderBy, ${sizeName}: $size, ${from}: $place) {
                totalCount nodes { key } pageInfo { hasNextPage hasPreviousPage ${cursor} } }
              recordsAggregate(where: $where) { count min { key } } } } }`,
          { of: whole ? {} : of.where, where, orderBy, size, place },
        );
        expect(errors, server.log.slice(-3).join('')).toBeUndefined();
        return data.list.nodes;
      };
      const owner = of.list === 'patients' ? 'patient' : 'doctor';
      const steps = orderBy ?? [{ admissionDate: 'ASC' }, { key: 'ASC' }];
      const all = sorted(records, steps);
      const found = all.filter((row) => holds(row, where, relations) === true);
      const pagesFrom = (place: number | null) => {
        const index = all.findIndex(({ key }) => key === place);
        return expected({ list: of.list, where: whole ? {} : of.where, orderBy: [] }).map((key) => {
          const mine = found.filter((row) => row[owner] === key);
          const rest = mine.filter(
            (row) => place === null || (backward ? all.indexOf(row) < index : all.indexOf(row) > index),
          );
          const page = backward ? rest.slice(Math.max(0, rest.length - size)) : rest.slice(0, size);
          const more = rest.length > size;
          const keys = mine.map((row) => row.key as number);
          return {
            key,
            records: {
              totalCount: mine.length,
              nodes: page.map((row) => ({ key: row.key })),
              pageInfo: {
                hasNextPage: backward ? place !== null : more,
                hasPreviousPage: backward ? more : place !== null,
                [cursor]: page.length === 0 ? null : expect.any(String),
              },
            },
            recordsAggregate: [
              { count: mine.length, min: { key: keys.length === 0 ? null : Math.min(...keys) } },
            ],
          };
        });
      };
      const asked = JSON.stringify({ of, whole, where, orderBy, size, backward });
      const lists = await ask(null);
      expect(lists, asked).toEqual(pagesFrom(null));
      const filled = lists.filter(
        ({ records: page }: { records: { nodes: Row[] } }) => page.nodes.length > 0,
      );
      if (filled.length === 0) return;
      const { nodes, pageInfo } = filled[at % filled.length].records;
      const place = (backward ? nodes[0] : nodes.at(-1)).key as number;
      expect(await ask(pageInfo[cursor]), `${asked} from ${place}`).toEqual(pagesFrom(place));
    }),
    { seed, numRuns: cases / 10, endOnFailure: true },
  );
}, 240_000);
