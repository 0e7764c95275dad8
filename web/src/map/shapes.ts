// Circles, sectors and ellipses on the ground. Flat earth is right to a metre over a few kilometres.
import type { LonLat } from '../live/words'

const METRES_PER_DEGREE = 111_195 // mean sphere of 6371 km

/** The point so many metres east and north of another. */
export function offset([lon, lat]: LonLat, east_m: number, north_m: number): LonLat {
  return [
    lon + east_m / (METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180)),
    lat + north_m / METRES_PER_DEGREE,
  ]
}

/** A closed ring; azimuth of the major axis clockwise from north. */
export function ellipse(center: LonLat, major_m: number, minor_m: number, azimuth_deg: number, steps = 48): LonLat[] {
  const turn = (azimuth_deg * Math.PI) / 180
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = (2 * Math.PI * i) / steps
    const along = major_m * Math.cos(angle)
    const across = minor_m * Math.sin(angle)
    return offset(
      center,
      along * Math.sin(turn) + across * Math.cos(turn),
      along * Math.cos(turn) - across * Math.sin(turn),
    )
  })
}

/** The sector a sensor covers; a full circle from 360 degrees on. */
export function sector(center: LonLat, range_m: number, azimuth_deg: number, width_deg: number): LonLat[] {
  if (width_deg >= 360) return ellipse(center, range_m, range_m, 0, 72)
  const steps = Math.max(8, Math.round(width_deg / 5))
  const arc = Array.from({ length: steps + 1 }, (_, i) => {
    const angle = ((azimuth_deg - width_deg / 2 + (width_deg * i) / steps) * Math.PI) / 180
    return offset(center, range_m * Math.sin(angle), range_m * Math.cos(angle))
  })
  return [center, ...arc, center]
}

export function middleOf(ring: LonLat[]): LonLat {
  const lons = ring.map(([lon]) => lon)
  const lats = ring.map(([, lat]) => lat)
  return [(Math.min(...lons) + Math.max(...lons)) / 2, (Math.min(...lats) + Math.max(...lats)) / 2]
}
