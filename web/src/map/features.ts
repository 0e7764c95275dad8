// The board as GeoJSON: what stands where, in which colour, with which mark.
import type { Feature, FeatureCollection } from 'geojson'
import type { Row } from '../live/rows'
import type { LonLat, SensorHealth, SensorSite, Zone } from '../live/words'
import { ellipse, middleOf, sector } from './shapes'

export type Tone = 'alarm' | 'warning' | 'watch' | 'clear' | 'suspect' | 'bird' | 'other'
const FADE_FROM_S = 3
const FADE_OVER_S = 20
const FADED = 0.25
const STILL_MPS = 1
const RINGS_M = [1000, 2000, 5000]

export const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features })

export function toneOf(row: Row): Tone {
  if (row.level === 'alarm' || row.level === 'warning') return row.level
  if (row.standing === 'suspect') return 'suspect'
  if (row.level === 'watch') return 'watch'
  if (row.level === 'all-clear' || row.standing === 'friend') return 'clear'
  return row.standing === 'bird' ? 'bird' : 'other'
}

/** Old news fades; what is gone is nearly gone. */
export function strength(row: Row, now: number): number {
  if (!row.track) return 0
  if (row.track.status === 'ended') return FADED
  const heard = Math.max(row.track.first_t ?? 0, ...(row.track.witnesses ?? []).map((one) => one.t))
  const age = heard > 0 ? now - heard : now - row.track.t
  return Math.max(FADED, 1 - Math.max(0, age - FADE_FROM_S) / FADE_OVER_S)
}

export function trackFeatures(rows: Row[], now: number, selected: string | null, label: (row: Row) => string): FeatureCollection {
  return collection(
    rows.flatMap((row): Feature[] => {
      const track = row.track
      if (!track) return []
      const moving = Math.hypot(track.ve, track.vn) >= STILL_MPS
      const form = row.standing === 'bird' || row.standing === 'aircraft' ? row.standing : moving ? 'arrow' : 'dot'
      return [
        {
          type: 'Feature',
          properties: {
            id: row.id,
            icon: `${form}-${toneOf(row)}-${row.measured ? 'filled' : 'hollow'}`,
            heading: (Math.atan2(track.ve, track.vn) * 180) / Math.PI,
            strength: strength(row, now),
            label: row.standing === 'bird' ? '' : label(row),
            chosen: row.id === selected,
            rank: row.level === 'alarm' ? 0 : row.level ? 1 : row.standing === 'bird' ? 3 : 2,
          },
          geometry: { type: 'Point', coordinates: [track.lon, track.lat] },
        },
      ]
    }),
  )
}

export function errorFeatures(rows: Row[], now: number): FeatureCollection {
  return collection(
    rows.flatMap((row): Feature[] => {
      const track = row.track
      if (!track || row.standing === 'bird') return []
      const { major_m, minor_m, azimuth_deg } = track.ellipse ?? { major_m: track.sigma_m, minor_m: track.sigma_m, azimuth_deg: 0 }
      return [
        {
          type: 'Feature',
          properties: { tone: toneOf(row), strength: strength(row, now) },
          geometry: { type: 'Polygon', coordinates: [ellipse([track.lon, track.lat], major_m, minor_m, azimuth_deg)] },
        },
      ]
    }),
  )
}

export function tailFeatures(rows: Row[], tails: ReadonlyMap<string, LonLat[]>): FeatureCollection {
  return collection(
    rows.flatMap((row): Feature[] => {
      const tail = tails.get(row.id) ?? []
      if (!row.track || tail.length < 2) return []
      const points = row.standing === 'bird' ? tail.slice(-15) : tail
      return [
        {
          type: 'Feature',
          properties: { tone: toneOf(row) },
          geometry: { type: 'LineString', coordinates: [...points, [row.track.lon, row.track.lat]] },
        },
      ]
    }),
  )
}

/** A ring whose last corner is its first, as GeoJSON wants it; people leave it out. */
function closed(ring: LonLat[]): LonLat[] {
  const [first, last] = [ring[0], ring[ring.length - 1]]
  return first && last && (first[0] !== last[0] || first[1] !== last[1]) ? [...ring, first] : ring
}

export function zoneFeatures(zones: Zone[], language: string): { areas: FeatureCollection; rings: FeatureCollection } {
  const areas = zones.map((zone): Feature => ({
    type: 'Feature',
    properties: { name: zone.names[language] ?? zone.id },
    geometry: { type: 'Polygon', coordinates: [closed(zone.polygon)] },
  }))
  // The name stands over the zone's northern corner: inside it, tracks would hide it.
  const names = zones.map((zone): Feature => ({
    type: 'Feature',
    properties: { name: zone.names[language] ?? zone.id },
    geometry: { type: 'Point', coordinates: zone.polygon.reduce((a, b) => (b[1] > a[1] ? b : a)) },
  }))
  const rings = zones.flatMap((zone) =>
    RINGS_M.map((range): Feature => ({
      type: 'Feature',
      properties: { name: `${range / 1000} km` },
      geometry: { type: 'LineString', coordinates: ellipse(middleOf(zone.polygon), range, range, 0, 96) },
    })),
  )
  return { areas: collection([...areas, ...names]), rings: collection(rings) }
}

export function coverFeatures(sites: SensorSite[], health: SensorHealth[], chosen: string | null): { cover: FeatureCollection; sensors: FeatureCollection } {
  const state = new Map(health.map((one) => [one.sensor, one.state]))
  const cover: Feature[] = []
  const sensors: Feature[] = []
  for (const site of sites) {
    const known = state.get(site.id) ?? 'never-heard'
    const alive = known === 'alive' || known === 'degraded'
    const place: LonLat = [site.lon, site.lat]
    sensors.push({
      type: 'Feature',
      properties: { id: site.id, kind: site.kind, alive, chosen: site.id === chosen },
      geometry: { type: 'Point', coordinates: place },
    })
    if (!site.max_range_m) continue
    const { azimuth_center_deg: center = 0, azimuth_width_deg: width = 360 } = site.fov ?? {}
    cover.push({
      type: 'Feature',
      properties: { alive },
      geometry: { type: 'Polygon', coordinates: [sector(place, site.max_range_m, center, width)] },
    })
  }
  return { cover: collection(cover), sensors: collection(sensors) }
}
