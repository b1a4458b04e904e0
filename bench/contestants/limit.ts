// The limit: what this work costs when nothing but the work is done. node:http, hand-written SQL, prepared
// statements, rows as arrays. No schema, no validation, no error handling: a yardstick, not a server.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Pool, PoolConnection, ResultSetHeader } from 'mysql2';
import { openPools, port } from './support/pools.ts';

type Row = (string | number | null)[];
type Input = Record<string, string | null>;
type Variables = {
  after: number;
  key: number;
  prefix: string;
  first: number;
  input: Input;
  inputs: Input[];
};

const pools = openPools({ rowsAsArray: true });

const patientColumns = 'id, first_name, last_name, date_of_birth, gender';
const recordColumns = 'diagnosis, treatment, admission_date, discharge_date';

const execute = <T = Row[]>(pool: Pool | PoolConnection, sql: string, values: (string | number | null)[]) =>
  new Promise<T>((resolve, reject) => {
    pool.execute(sql, values, (error, rows) => (error ? reject(error) : resolve(rows as T)));
  });

/** Several statements on one connection, as a row is read back that was written. */
async function onOne<T>(pool: Pool, work: (connection: PoolConnection) => Promise<T>): Promise<T> {
  const connection = await new Promise<PoolConnection>((resolve, reject) => {
    pool.getConnection((error, lent) => (error ? reject(error) : resolve(lent)));
  });
  try {
    return await work(connection);
  } finally {
    connection.release();
  }
}

// One join costs less CPU here than two statements, and the database less, too. A patient has a page of its records, at most 20.
const lateral = (
  rest: string,
) => `left join lateral (select id as record, ${recordColumns} from medical_records
  where patient_id = p.id ${rest}) r on true`;
const allRecords = lateral('order by admission_date, id limit 20');
const lastTreated = lateral('and treatment is not null order by admission_date desc, id desc limit 3');
const pageSql = (first: number) => `select ${prefixed('p', patientColumns)}, ${prefixed('r', recordColumns)}
  from (select ${patientColumns} from patients where id > ? order by id limit ${first}) p ${allRecords}
  order by p.id, r.admission_date, r.record`;
const treatedSql = `select ${prefixed('p', patientColumns)}, ${prefixed('r', recordColumns)}
  from (select ${patientColumns} from patients where id > ? order by id limit 20) p ${lastTreated}
  order by p.id, r.admission_date desc, r.record desc`;
const oneSql = `select ${prefixed('p', patientColumns)}, ${prefixed('r', recordColumns)}
  from patients p ${allRecords} where p.id = ? order by r.admission_date, r.record`;
const groupSql = `select gender, count(*), min(date_of_birth) from patients where id > ? group by gender`;
const rowSql = `select ${patientColumns}, contact_number from patients where id = ?`;
const updateSql = 'update patients set contact_number = ? where id = ?';
const insertManySql = `insert into patients (first_name, last_name, date_of_birth, gender, contact_number) values ?`;
// The keys of rows that one INSERT made follow one another here: a yardstick has one server, with its default settings.
const manySql = `select ${patientColumns} from patients where id >= ? and id < ? order by id`;
const flatSql = `select ${patientColumns}, contact_number from patients where id > ? order by id limit 200`;
const namedSql = `select ${patientColumns} from patients where last_name like ?
  order by date_of_birth, id limit 20`;
const countSql = 'select count(*) from patients where last_name like ?';
const insertSql = `insert into patients (first_name, last_name, date_of_birth, gender, contact_number)
  values (?, ?, ?, ?, ?)`;

function prefixed(table: string, columns: string): string {
  return columns.replaceAll(/\w+/g, (column) => `${table}.${column}`);
}

const pageSqls = new Map([1, 10, 20, 100, 1000].map((first) => [first, pageSql(first)]));

async function page(pool: Pool, { after, first }: Variables) {
  return { nodes: withRecords(await execute(pool, pageSqls.get(first) as string, [after])) };
}

/** Rows of the join → patients with their records. */
function withRecords(rows: readonly Row[]) {
  const nodes = [];
  let last: (ReturnType<typeof toPatient> & { records: unknown[] }) | undefined;
  for (const row of rows) {
    if (last?.key !== row[0]) {
      last = { ...toPatient(row), records: [] };
      nodes.push(last);
    }
    if (row[5] !== null) {
      last?.records.push({
        diagnosis: row[5],
        treatment: row[6],
        admissionDate: row[7],
        dischargeDate: row[8],
      });
    }
  }
  return nodes;
}

function valuesOf({ firstName, lastName, dateOfBirth, gender, contactNumber }: Input) {
  return [firstName, lastName, dateOfBirth, gender, contactNumber].map((value) => value ?? null);
}

function toPatient(row: Row) {
  return { key: row[0], firstName: row[1], lastName: row[2], dateOfBirth: row[3], gender: row[4] };
}

const routes: Record<string, (variables: Variables) => Promise<unknown>> = {
  '/w1': async (variables) => ({ patients: await page(pools.AZURE, variables) }),
  '/w2': async ({ key }) => ({
    patient: withRecords(await execute(pools.AZURE, oneSql, [key]))[0] ?? null,
  }),
  '/w3': async (variables) => {
    const [azure, gcp] = await Promise.all([page(pools.AZURE, variables), page(pools.GCP, variables)]);
    return { azure, gcp };
  },
  '/w4': async ({ after }) => {
    const rows = await execute(pools.AZURE, flatSql, [after]);
    return {
      patients: {
        nodes: rows.map((row) => ({
          key: row[0],
          firstName: row[1],
          lastName: row[2],
          dateOfBirth: row[3],
          gender: row[4],
          contactNumber: row[5],
        })),
      },
    };
  },
  '/w5': ({ input }) =>
    onOne(pools.AZURE, async (connection) => {
      const { insertId } = await execute<{ insertId: number }>(connection, insertSql, valuesOf(input));
      const [row] = await execute(connection, rowSql, [insertId]);
      return { createPatient: { patient: toPatient(row as Row) } };
    }),
  '/w6': async ({ prefix }) => {
    const like = [`${prefix}%`];
    const [rows, [count]] = await Promise.all([
      execute(pools.AZURE, namedSql, like),
      execute(pools.AZURE, countSql, like),
    ]);
    return { patientsNamed: { totalCount: count?.[0], nodes: rows.map(toPatient) } };
  },
  '/w7': async ({ after }) => ({
    patients: { nodes: withRecords(await execute(pools.AZURE, treatedSql, [after])) },
  }),
  '/w8': async ({ key }) => {
    const rows = await execute(pools.AZURE, groupSql, [key]);
    return {
      patientsAggregate: rows.map(([gender, count, oldest]) => ({
        group: { gender },
        count,
        min: { dateOfBirth: oldest },
      })),
    };
  },
  '/w9': ({ key, input: { contactNumber } }) =>
    onOne(pools.AZURE, async (connection) => {
      await execute(connection, updateSql, [contactNumber ?? null, key]);
      const [row] = await execute(connection, rowSql, [key]);
      return { updatePatient: { patient: { ...toPatient(row as Row), contactNumber: row?.[5] } } };
    }),
  '/w10': ({ inputs }) =>
    onOne(pools.AZURE, async (connection) => {
      const insertId = await new Promise<number>((resolve, reject) => {
        connection.query<ResultSetHeader>(insertManySql, [inputs.map(valuesOf)], (error, result) =>
          error ? reject(error) : resolve(result.insertId),
        );
      });
      const rows = await execute(connection, manySql, [insertId, insertId + inputs.length]);
      return { createPatients: { patients: rows.map(toPatient) } };
    }),
};

const server = createServer((request, response) => {
  answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const variables = JSON.parse(await bodyOf(request)) as Variables;
  const data = await routes[request.url as string]?.(variables);
  const body = Buffer.from(JSON.stringify({ data }));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}

function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => resolve(body));
  });
}

server.listen(port, '127.0.0.1');
