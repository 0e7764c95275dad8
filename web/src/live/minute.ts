// What one microphone heard lately, folded from the server's events. No screen code here.
import type { Heard, HeardWindow } from './words'

export const MINUTE_S = 60
const JOINED_S = 0.25 // windows this close follow one another

export interface Span {
  from: number
  to: number
}

export class Minute {
  constructor(
    readonly sensor: string,
    readonly windows: readonly HeardWindow[] = [],
    readonly threshold: number | null = null,
    readonly edges_hz: readonly number[] = [],
  ) {}

  /** With the news, each window once, in order of time, for no longer than is shown. */
  with(heard: Heard): Minute {
    const known = new Map(this.windows.map((one) => [one.t, one]))
    for (const one of heard.windows) known.set(one.t, one)
    const all = [...known.values()].sort((a, b) => a.t - b.t)
    const since = (all.at(-1)?.t ?? 0) - MINUTE_S - 1
    return new Minute(
      this.sensor,
      all.filter((one) => one.t >= since),
      heard.threshold ?? this.threshold,
      heard.edges_hz ?? this.edges_hz,
    )
  }

  get latest(): HeardWindow | undefined {
    return this.windows.at(-1)
  }

  /** The right edge of the picture: now, or the microphone's own time where that is ahead. */
  end(now: number): number {
    const last = this.latest
    return last ? Math.max(now, last.t + last.dur_s) : now
  }
}

/** Where windows of a kind follow one another: events, deafness. */
export function spans(windows: readonly HeardWindow[], is: (one: HeardWindow) => boolean): Span[] {
  const found: Span[] = []
  for (const one of windows) {
    if (!is(one)) continue
    const last = found.at(-1)
    if (last && one.t <= last.to + JOINED_S) last.to = Math.max(last.to, one.t + one.dur_s)
    else found.push({ from: one.t, to: one.t + one.dur_s })
  }
  return found
}

/** From when until when a window is drawn: up to where the next begins, so that none hides another. */
export function cells(windows: readonly HeardWindow[]): (Span & { window: HeardWindow })[] {
  return windows.map((window, k) => {
    const next = windows[k + 1]
    const end = window.t + window.dur_s
    return { window, from: window.t, to: next && next.t < end ? next.t : end }
  })
}

/** Quiet and loud ends of the colours: what nearly all levels lie between, at least 25 dB apart. */
export function loudness(windows: readonly HeardWindow[]): [low: number, high: number] {
  const levels = windows.flatMap((one) => (one.deaf ? [] : (one.bands ?? []))).sort((a, b) => a - b)
  if (levels.length === 0) return [-90, -30]
  const at = (share: number) => levels[Math.round(share * (levels.length - 1))]!
  const [low, high] = [5 * Math.floor(at(0.05) / 5), 5 * Math.ceil(at(0.995) / 5) + 0]
  return [low, Math.max(high, low + 25)]
}

/** How high a frequency stands among the bands, 0 at the bottom, 1 at the top. */
export function heightOf(hz: number, edges: readonly number[]): number {
  const top = edges.findIndex((edge) => edge >= hz)
  if (top < 0) return 1
  if (top === 0) return 0
  const [low, high] = [edges[top - 1]!, edges[top]!]
  return (top - 1 + (hz - low) / (high - low)) / (edges.length - 1)
}
