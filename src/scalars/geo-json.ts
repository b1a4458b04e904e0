import { defineJsonScalar } from './json.ts';

/** How deep the numbers of each geometry lie: https://datatracker.ietf.org/doc/html/rfc7946#section-3.1 */
const depths: Readonly<Record<string, number>> = {
  Point: 0,
  MultiPoint: 1,
  LineString: 1,
  MultiLineString: 2,
  Polygon: 2,
  MultiPolygon: 3,
};

function isGeometry(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { type, coordinates, geometries } = value as Record<string, unknown>;
  if (type === 'GeometryCollection') return Array.isArray(geometries) && geometries.every(isGeometry);
  const depth = Object.hasOwn(depths, String(type)) ? depths[String(type)] : undefined;
  return depth !== undefined && hasPositions(coordinates, depth);
}

function hasPositions(value: unknown, depth: number): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  if (depth > 0) return value.every((item) => hasPositions(item, depth - 1));
  return value.length === 2 && value.every(Number.isFinite);
}

/** A geometry in two dimensions. */
export const GeoJson = defineJsonScalar({
  name: 'GeoJSON',
  description:
    'A geometry of two dimensions: {"type": "Point", "coordinates": [13.4, 52.5]}, longitude first.',
  specifiedBy: 'https://datatracker.ietf.org/doc/html/rfc7946#section-3.1',
  takes: 'a geometry of GeoJSON with positions of two numbers',
  is: isGeometry,
});
