import { GeoJson } from '../scalars/geo-json.ts';
import { Json } from '../scalars/json.ts';
import { parseJson } from '../scalars/json-text.ts';
import type { Capabilities, ColumnType } from './column-type.ts';
import { geometryProblem } from './geometry-problem.ts';

/** JSON and geometries have no order that a cursor could hold. */
const unordered: Capabilities = {
  operators: ['isNull'],
  orders: false,
  groups: false,
  extremes: false,
  sum: null,
  average: null,
};

const read = (value: unknown) => parseJson(value as string);
const bind = (value: unknown) => JSON.stringify(value);

export const json: ColumnType = {
  serves: ({ name }) => name === 'json',
  field: Json,
  capabilities: { ...unordered, operators: ['eq', 'ne', 'path', 'isNull'] },
  codecOf: () => ({
    select: 'cast(?? as char)',
    operand: 'cast(? as json)',
    write: 'cast(? as json)',
    isNull: "(?? is null or json_type(??) = 'NULL')",
    read,
    bind,
    isLong: true,
  }),
};

const geometries =
  /^(?:geometry|point|linestring|polygon|multipoint|multilinestring|multipolygon|geometrycollection)$/;

export const geometry: ColumnType = {
  serves: ({ name }) => geometries.test(name),
  field: GeoJson,
  capabilities: unordered,
  codecOf({ name, srid: named }) {
    const srid = named ?? 4326;
    const problem = geometryProblem(name, srid);
    const operand = `st_geomfromgeojson(?, 1, ${srid})`;
    // A column that names no SRID holds values of any: that of the row's own is compared with, and stays.
    const alike = named === undefined ? `st_geomfromgeojson(?, 1, coalesce(st_srid(??), ${srid}))` : operand;
    return {
      select: 'cast(st_asgeojson(??) as char)',
      operand,
      write: operand,
      rewrite: alike,
      exact: `?? = ${alike}`,
      read,
      bind,
      problem,
      operandProblem: problem,
      isLong: true,
    };
  },
};
