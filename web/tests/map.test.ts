import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Row } from '../src/live/rows'
import { trackFeatures, zoneFeatures } from '../src/map/features'
import { unpackLine } from '../src/map/ground'
import { ellipse, offset, sector } from '../src/map/shapes'
import { readPlace, takeToken, writePlace } from '../src/url'

const file = JSON.parse(readFileSync(new URL('../public/west-africa.json', import.meta.url), 'utf8'))

describe('the ground', () => {
  it('holds the Senegal river past Bakel and Matam, and every layer', () => {
    const senegal = file.rivers.filter((river: { p: { name: string } }) => river.p.name === 'Sénégal')
    const points: number[][] = senegal.flatMap((river: { c: number[][] }) => river.c.flatMap(unpackLine))
    const near = (lon: number, lat: number) => Math.min(...points.map(([x, y]) => Math.hypot(x! - lon, y! - lat)))
    expect(near(-12.46, 14.9)).toBeLessThan(0.1) // Bakel
    expect(near(-13.26, 15.66)).toBeLessThan(0.1) // Matam
    for (const layer of ['borders', 'coast', 'rivers', 'lakes', 'towns']) expect(file[layer].length, layer).toBeGreaterThan(5)
    expect(file.land[0].c.length).toBeGreaterThan(5)
  })
  it('stays within West Africa', () => {
    for (const town of file.towns) {
      const [lon, lat] = unpackLine(town.c)[0]!
      expect(lon! > -18.1 && lon! < 17.1 && lat! > 2.9 && lat! < 28.1, town.p.name).toBe(true)
    }
  })
})

describe('shapes', () => {
  it('go the right way: azimuth 90 is east', () => {
    const [east] = ellipse([-12, 15], 1000, 10, 90, 4)
    expect(east![0]).toBeGreaterThan(-12)
    expect(east![1]).toBeCloseTo(15, 6)
  })
  it('are as large as said', () => {
    const [lon, lat] = offset([0, 60], 1000, 0)
    expect(lon * 111_195 * 0.5).toBeCloseTo(1000, 0)
    expect(lat).toBe(60)
  })
  it('close their rings', () => {
    const half = sector([-12, 15], 500, 0, 180)
    expect(half[0]).toEqual(half[half.length - 1])
    const open = { id: 'z', names: {}, polygon: [[0, 0], [1, 0], [1, 1]] as [number, number][] } // prettier-ignore
    const area = zoneFeatures([open], 'en').areas.features[0]!.geometry
    expect(area.type === 'Polygon' && area.coordinates[0]).toHaveLength(4)
  })
})

describe('the mark of a track', () => {
  const row = (standing: Row['standing'], measured: boolean): Row => ({
    id: 'T1', group: 'known', level: null, standing, against: null, folder: null, eta: null, label: null, kinds: [],
    measured, inside: false,
    track: { t: 1, track: 'T1', status: 'confirmed', lat: 15, lon: -12, ve: 30, vn: 0, sigma_m: 20, witnesses: [] },
  }) // prettier-ignore
  const iconOf = (one: Row) => trackFeatures([one], 1, null, () => '').features[0]!.properties
  it('of an aircraft is another than that of a drone, and turns with its course', () => {
    expect(iconOf(row('aircraft', false))).toMatchObject({ icon: 'aircraft-other-hollow', heading: 90 })
    expect(iconOf(row('threat', true))).toMatchObject({ icon: 'arrow-other-filled' })
    expect(iconOf(row('bird', true))).toMatchObject({ icon: 'bird-bird-filled' })
  })
})

describe('the address', () => {
  it('keeps what was chosen', () => {
    const place = { lang: 'fr', theme: 'red', track: 'T 7', sensor: 'mic/é', side: 'map' } as const
    expect(readPlace(writePlace(place))).toEqual(place)
  })
  it('forgets nonsense', () => {
    expect(readPlace('?theme=pink&side=up')).toEqual({ lang: null, theme: null, track: null, sensor: null, side: 'list' })
  })
  it('gives the token once', () => {
    expect(takeToken('#token=abc_-1')).toBe('abc_-1')
    expect(takeToken('#x')).toBeNull()
  })
})
