// The base map: unpacks public/west-africa.json (see basemap/NOTICE.md) into GeoJSON.
import type { Feature, FeatureCollection, Position } from 'geojson'

const PER_DEGREE = 2000 // as in basemap/make.mjs
type Flat = number[] // lon, lat in 1/2000 degree, then differences
interface Packed<C> {
  p: Record<string, string | number | boolean>
  c: C
}
interface File {
  land: Packed<Flat[][]>[]
  borders: Packed<Flat[]>[]
  coast: Packed<Flat[]>[]
  rivers: Packed<Flat[]>[]
  lakes: Packed<Flat[][]>[]
  towns: Packed<Flat>[]
}
export type GroundLayer = keyof File
export type Ground = Record<GroundLayer, FeatureCollection>

export function unpackLine(flat: Flat): Position[] {
  const line: Position[] = []
  let [x, y] = [0, 0]
  for (let i = 0; i + 1 < flat.length; i += 2) {
    x += flat[i]!
    y += flat[i + 1]!
    line.push([x / PER_DEGREE, y / PER_DEGREE])
  }
  return line
}

const lines = (packed: Packed<Flat[]>[]): FeatureCollection => ({
  type: 'FeatureCollection',
  features: packed.map(({ p, c }): Feature => ({
    type: 'Feature',
    properties: p,
    geometry: { type: 'MultiLineString', coordinates: c.map(unpackLine) },
  })),
})

const areas = (packed: Packed<Flat[][]>[]): FeatureCollection => ({
  type: 'FeatureCollection',
  features: packed.map(({ p, c }): Feature => ({
    type: 'Feature',
    properties: p,
    geometry: { type: 'MultiPolygon', coordinates: c.map((rings) => rings.map(unpackLine)) },
  })),
})

const points = (packed: Packed<Flat>[]): FeatureCollection => ({
  type: 'FeatureCollection',
  features: packed.map(({ p, c }): Feature => ({
    type: 'Feature',
    properties: p,
    geometry: { type: 'Point', coordinates: unpackLine(c)[0]! },
  })),
})

export async function loadGround(): Promise<Ground> {
  const file = (await (await fetch('/west-africa.json')).json()) as File
  return {
    land: areas(file.land),
    borders: lines(file.borders),
    coast: lines(file.coast),
    rivers: lines(file.rivers),
    lakes: areas(file.lakes),
    towns: points(file.towns),
  }
}
