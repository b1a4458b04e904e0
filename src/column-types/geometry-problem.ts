/** A geometry of GeoJSON, as its scalar takes it: https://datatracker.ietf.org/doc/html/rfc7946#section-3.1 */
interface Geometry {
  readonly type: string;
  readonly coordinates?: Nested;
  readonly geometries?: readonly Geometry[];
}

type Position = readonly [longitude: number, latitude: number];
type Nested = readonly (Nested | number)[];

/**
 * The reason why MySQL would refuse a geometry for a column, as the end of a sentence; null where there is none.
 *
 * @param name the column's type, in lower case: the names that MySQL gives types are those of GeoJSON
 * @param srid the spatial reference system of its values
 */
export function geometryProblem(name: string, srid: number): (value: Geometry) => string | null {
  return (value) => {
    if (name !== 'geometry' && value.type.toLowerCase() !== name) return `takes no ${value.type}`;
    return problemIn(value, srid);
  };
}

function problemIn({ type, coordinates = [], geometries = [] }: Geometry, srid: number): string | null {
  for (const geometry of geometries) {
    const problem = problemIn(geometry, srid);
    if (problem !== null) return problem;
  }
  if (type.endsWith('LineString') && !linesOf(coordinates).every((line) => line.length >= 2)) {
    return `has a ${type} with a line of one position; a line has two or more`;
  }
  if (type.endsWith('Polygon') && !linesOf(coordinates).every(isRing)) {
    return `has a ${type} with a ring that is open or too short; a ring has four positions or more, and its last one is its first`;
  }
  if (srid === 4326 && !positionsOf(coordinates).every(isOnEarth)) {
    return 'has a position out of range; a longitude is more than -180 and at most 180, a latitude is from -90 to 90';
  }
  return null;
}

/** https://dev.mysql.com/doc/refman/8.4/en/spatial-geojson-functions.html has the ranges. */
const isOnEarth = ([longitude, latitude]: Position) =>
  longitude > -180 && longitude <= 180 && latitude >= -90 && latitude <= 90;

const isRing = (line: readonly Position[]) =>
  line.length >= 4 && line[0]?.every((number, at) => number === line.at(-1)?.[at]) === true;

const isPosition = (nested: Nested): nested is Position => typeof nested[0] === 'number';
const isLine = (nested: Nested): boolean => isPosition(nested[0] as Nested);

function positionsOf(nested: Nested): readonly Position[] {
  return isPosition(nested) ? [nested] : nested.flatMap((inner) => positionsOf(inner as Nested));
}

function linesOf(nested: Nested): readonly (readonly Position[])[] {
  if (isLine(nested)) return [nested as unknown as readonly Position[]];
  return nested.flatMap((inner) => linesOf(inner as Nested));
}
