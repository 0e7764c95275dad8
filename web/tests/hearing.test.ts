import { describe, expect, it } from 'vitest'
import { cells, heightOf, loudness, Minute, spans } from '../src/live/minute'
import type { HeardWindow } from '../src/live/words'
import { ramp, type Rgb, STEPS } from '../src/hearing/ramp'

const heard = (t: number, more: Partial<HeardWindow> = {}): HeardWindow => ({ t, dur_s: 1, p: 0.1, ...more })

describe('a minute of hearing', () => {
  it('takes each window once, in order, and lets the old go', () => {
    const first = new Minute('mic').with({ sensor: 'mic', threshold: 0.7, edges_hz: [50, 8000], windows: [heard(1), heard(2)] })
    const next = first.with({ sensor: 'mic', windows: [heard(1.5), heard(2, { p: 0.9 }), heard(63)] })
    expect(next.windows.map((one) => one.t)).toEqual([2, 63])
    expect(next.windows[0]!.p).toBe(0.9)
    expect([next.threshold, next.edges_hz]).toEqual([0.7, [50, 8000]])
    expect(first.windows).toHaveLength(2)
  })
  it('ends now, unless the microphone is ahead', () => {
    const minute = new Minute('mic', [heard(10)])
    expect(minute.end(20)).toBe(20)
    expect(minute.end(5)).toBe(11)
  })
  it('joins windows that overlap into one event', () => {
    const said = [heard(0), heard(0.5, { event: true }), heard(1, { event: true }), heard(1.5), heard(9, { event: true })]
    expect(spans(said, (one) => !!one.event)).toEqual([
      { from: 0.5, to: 2 },
      { from: 9, to: 10 },
    ])
  })
  it('draws a window up to where the next begins, and a gap as a gap', () => {
    expect(cells([heard(0), heard(0.5), heard(9)]).map(({ from, to }) => [from, to])).toEqual([
      [0, 0.5],
      [0.5, 1.5],
      [9, 10],
    ])
  })
  it('stretches the colours over what was heard, but never over a whisper', () => {
    const bands = Array.from({ length: 100 }, (_, k) => -k)
    expect(loudness([heard(0, { bands }), heard(1, { deaf: 'clipping', bands: [0] })])).toEqual([-95, 0])
    expect(loudness([heard(0, { bands: [-61, -60] })])).toEqual([-65, -40])
    expect(loudness([])).toEqual([-90, -30])
  })
  it('knows where a frequency stands', () => {
    const edges = [50, 100, 200, 400]
    expect([30, 50, 100, 150, 400, 999].map((hz) => heightOf(hz, edges))).toEqual([0, 0, 1 / 3, 0.5, 1, 1])
  })
})

describe('the colours of loudness', () => {
  const lightness = ([r, g, b]: Rgb) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
    const [l, m, s] = [
      0.4122214708 * x! + 0.5363325363 * y! + 0.0514459929 * z!,
      0.2119034982 * x! + 0.6806995451 * y! + 0.1073969566 * z!,
      0.0883024619 * x! + 0.2817188376 * y! + 0.6299787005 * z!,
    ]
    return 0.2104542553 * Math.cbrt(l) + 0.793617785 * Math.cbrt(m) - 0.0040720468 * Math.cbrt(s)
  }
  it.each(['day', 'night', 'red'] as const)('rise evenly in lightness: %s', (theme) => {
    const levels = ramp(theme).map(lightness)
    const step = (levels.at(-1)! - levels[0]!) / (STEPS - 1)
    for (let k = 1; k < STEPS; k++) expect(Math.abs((levels[k]! - levels[k - 1]!) / step - 1)).toBeLessThan(0.6)
    expect(Math.abs(levels.at(-1)! - levels[0]!)).toBeGreaterThan(0.55)
  })
  it('are red alone in red light', () => {
    for (const [r, g, b] of ramp('red')) expect(Math.max(g, b)).toBeLessThanOrEqual(r)
  })
})
