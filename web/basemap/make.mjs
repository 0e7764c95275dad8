// Makes public/west-africa.json from Natural Earth 1:10m (public domain): node basemap/make.mjs FOLDER
// FOLDER holds the GeoJSON layers clipped to lon -18..17, lat 3..28 (see NOTICE.md).
// Coordinates are rounded to 1/2000 degree (55 m); lines are thinned by Douglas-Peucker at 0.003
// degrees or more, rivers at 0.0012 (130 m) because people find themselves by the river.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const PER_DEGREE = 2000
const folder = process.argv[2]
if (!folder) throw new Error('usage: node basemap/make.mjs FOLDER')
const layer = (name) =>
  JSON.parse(readFileSync(join(folder, `ne_10m_${name}_westafrica.geojson`), 'utf8')).features

const round = ([lon, lat]) => [Math.round(lon * PER_DEGREE) / PER_DEGREE, Math.round(lat * PER_DEGREE) / PER_DEGREE]

function offLine([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay]
  const length = dx * dx + dy * dy
  const u = length ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length)) : 0
  return Math.hypot(x - ax - u * dx, y - ay - u * dy)
}

function thin(line, tolerance) {
  if (line.length < 3) return line
  let [worst, at] = [0, 0]
  for (let i = 1; i < line.length - 1; i++) {
    const off = offLine(line[i], line[0], line[line.length - 1])
    if (off > worst) [worst, at] = [off, i]
  }
  if (worst <= tolerance) return [line[0], line[line.length - 1]]
  return [...thin(line.slice(0, at + 1), tolerance).slice(0, -1), ...thin(line.slice(at), tolerance)]
}

const thinLine = (line, tolerance) => thin(line.map(round), tolerance)
function thinRing(ring, tolerance) {
  // A ring's ends are one point: thin its two halves, or it would collapse.
  const half = Math.floor(ring.length / 2)
  const points = ring.map(round)
  const kept = [...thin(points.slice(0, half + 1), tolerance).slice(0, -1), ...thin(points.slice(half), tolerance)]
  return kept.length >= 4 ? kept : null
}

function lines(features, tolerance, properties) {
  return features.map((f) => ({
    type: 'Feature',
    properties: properties(f.properties),
    geometry: {
      type: 'MultiLineString',
      coordinates: (f.geometry.type === 'LineString' ? [f.geometry.coordinates] : f.geometry.coordinates)
        .map((line) => thinLine(line, tolerance)),
    },
  }))
}

function areas(features, tolerance, properties) {
  return features.map((f) => ({
    type: 'Feature',
    properties: properties(f.properties),
    geometry: {
      type: 'MultiPolygon',
      coordinates: (f.geometry.type === 'Polygon' ? [f.geometry.coordinates] : f.geometry.coordinates)
        .map((rings) => rings.map((ring) => thinRing(ring, tolerance)).filter(Boolean))
        .filter((rings) => rings.length > 0),
    },
  }))
}

// Countries melt into one land: an edge that two of them share is inside and carried by nobody.
function melt(features) {
  const name = (point) => point.join()
  const once = new Map()
  for (const f of features) {
    const polygons = f.geometry.type === 'Polygon' ? [f.geometry.coordinates] : f.geometry.coordinates
    for (const ring of polygons.flat()) {
      for (let i = 0; i + 1 < ring.length; i++) {
        const [from, to] = [ring[i], ring[i + 1]]
        const back = `${name(to)};${name(from)}`
        if (once.has(back)) once.delete(back)
        else once.set(`${name(from)};${name(to)}`, [from, to])
      }
    }
  }
  const after = new Map([...once.values()].map(([from, to]) => [name(from), to]))
  const rings = []
  while (after.size > 0) {
    const [start] = after.keys()
    const ring = [start.split(',').map(Number)]
    for (let at = start; after.has(at); ) {
      const to = after.get(at)
      after.delete(at)
      ring.push(to)
      at = name(to)
    }
    if (ring.length > 3) rings.push(ring)
  }
  return [{ properties: {}, geometry: { type: 'MultiPolygon', coordinates: rings.map((ring) => [ring]) } }]
}

// Each line is one flat list of whole numbers, 1/2000 degree: lon, lat, then differences. Half the bytes.
function pack(geometry) {
  const flat = (line) => {
    let [px, py] = [0, 0]
    return line.flatMap(([lon, lat]) => {
      const [x, y] = [Math.round(lon * PER_DEGREE), Math.round(lat * PER_DEGREE)]
      const step = [x - px, y - py]
      ;[px, py] = [x, y]
      return step
    })
  }
  return geometry.type === 'MultiPolygon' ? geometry.coordinates.map((rings) => rings.map(flat)) : geometry.coordinates.map(flat)
}
const packed = (features) => features.map((f) => ({ p: f.properties, c: pack(f.geometry) }))
const out = {
  land: packed(areas(melt(layer('admin_0_countries')), 0.006, () => ({}))),
  borders: packed(lines(layer('admin_0_boundary_lines_land'), 0.005, (p) => ({
    disputed: !p.featurecla.startsWith('International boundary'),
  }))),
  coast: packed(lines(layer('coastline'), 0.004, () => ({}))),
  rivers: packed(lines(layer('rivers_lake_centerlines'), 0.0012, (p) => ({ name: p.name ?? '', rank: p.scalerank }))),
  lakes: packed(areas(layer('lakes'), 0.002, (p) => ({ name: p.name ?? '' }))),
  towns: layer('populated_places').map(({ properties: p, geometry: g }) => ({
    p: { name: p.NAME, ...(p.NAME_FR && p.NAME_FR !== p.NAME ? { fr: p.NAME_FR } : {}), rank: p.SCALERANK },
    c: g.coordinates.map((v) => Math.round(v * PER_DEGREE)),
  })),
}
writeFileSync(new URL('../public/west-africa.json', import.meta.url), JSON.stringify(out))
