// What this page knows now, folded from a snapshot and the envelopes after it. No screen code here.
import type {
  Alert,
  AlertFolder,
  Assessment,
  Authority,
  Clock,
  Envelope,
  LonLat,
  Note,
  Receipt,
  SensorHealth,
  SourceHealth,
  Site,
  Snapshot,
  Track,
} from './words'

const ENDED_KEEP_S = 10
const STALE_KEEP_S = 120 // both as in serve/hub.py
const TAIL_POINTS = 90
const TAIL_STEP_S = 1

export class Board {
  site: Site | null = null
  clock: Clock = { t: 0, speed: 1, mode: 'live' }
  lastDataT: number | null = null
  tracks = new Map<string, Track>()
  tails = new Map<string, LonLat[]>()
  standings = new Map<string, Map<string, Assessment>>() // by track, then zone
  alerts = new Map<string, AlertFolder>()
  health = new Map<string, SensorHealth>()
  sources = new Map<string, SourceHealth>()
  authorities: Authority[] = []
  receipts: Receipt[] = []
  notes: Note[] = []
  private tailT = new Map<string, number>()
  private clockAt = performance.now()

  /** Everything anew. */
  begin(snapshot: Snapshot): void {
    this.site = snapshot.site
    this.lastDataT = null
    this.keepTime(snapshot.clock)
    this.tracks = new Map(snapshot.tracks.map((track) => [track.track, track]))
    this.tails = new Map(Object.entries(snapshot.tails))
    this.tailT = new Map(snapshot.tracks.map((track) => [track.track, track.t]))
    this.standings = new Map()
    for (const one of snapshot.standings) this.stand(one)
    this.alerts = new Map(snapshot.alerts.map((folder) => [folder.alert, folder]))
    this.health = new Map(snapshot.health.map((one) => [one.sensor, one]))
    this.authorities = snapshot.authorities ?? []
    this.sources = new Map((snapshot.sources ?? []).map((one) => [one.source, one]))
    this.receipts = snapshot.receipts
    this.notes = snapshot.notes
  }

  /** One change. Returns the alert statements in it, for the bell. */
  take(envelope: Envelope): Alert[] {
    this.advance(envelope.t)
    switch (envelope.topic) {
      case 'track':
        for (const track of envelope.body) this.move(track)
        this.forget()
        return []
      case 'assessment':
        for (const one of envelope.body) this.stand(one)
        return []
      case 'alert':
        for (const alert of envelope.body) this.file(alert)
        return envelope.body
      case 'receipt':
        this.receipts = [...this.receipts, ...envelope.body].slice(-500)
        return []
      case 'health':
        for (const one of envelope.body) this.health.set(one.sensor, one)
        return []
      case 'source':
        for (const one of envelope.body) this.sources.set(one.source, one)
        return []
      case 'authority':
        this.authorities = envelope.body
        return []
      case 'note':
        for (const note of envelope.body) this.note(note)
        return []
    }
  }

  /** The server's clock, once a second. */
  keepTime(clock: Clock): void {
    this.clock = clock
    this.clockAt = performance.now()
    if (clock.last_data_t != null) this.heard(clock.last_data_t)
  }

  /** Seconds on the site's clock at this moment, carried on between messages. */
  now(): number {
    return this.clock.t + ((performance.now() - this.clockAt) / 1000) * this.clock.speed
  }

  private advance(t: number): void {
    if (t > this.clock.t) this.keepTime({ ...this.clock, t, last_data_t: null })
  }

  private heard(t: number): void {
    if (this.lastDataT === null || t > this.lastDataT) this.lastDataT = t
  }

  private move(track: Track): void {
    this.tracks.set(track.track, track)
    for (const witness of track.witnesses ?? []) this.heard(witness.t)
    if (track.t - (this.tailT.get(track.track) ?? -Infinity) >= TAIL_STEP_S) {
      const tail = this.tails.get(track.track) ?? []
      this.tails.set(track.track, [...tail, [track.lon, track.lat] as LonLat].slice(-TAIL_POINTS))
      this.tailT.set(track.track, track.t)
    }
  }

  private stand(one: Assessment): void {
    const zones = this.standings.get(one.track) ?? new Map<string, Assessment>()
    zones.set(one.zone, one)
    this.standings.set(one.track, zones)
  }

  private file(alert: Alert): void {
    const folder = this.alerts.get(alert.alert)
    const statements = [...(folder?.statements ?? []), alert]
    this.alerts.set(alert.alert, { ...folder, alert: alert.alert, statements })
  }

  private note(note: Note): void {
    this.notes = [...this.notes, note].slice(-100)
    for (const { code, values } of note.because) {
      const folder = this.alerts.get(String(values?.alert ?? ''))
      if (code !== 'acknowledged' || !folder) continue
      const seen = {
        alert: folder.alert,
        sequence: Number(values?.sequence),
        who: String(values?.who),
        t: note.t,
      }
      this.alerts.set(folder.alert, { ...folder, acknowledged: [...(folder.acknowledged ?? []), seen] })
    }
  }

  private forget(): void {
    for (const [name, track] of this.tracks) {
      const keep = track.status === 'ended' ? ENDED_KEEP_S : STALE_KEEP_S
      if (this.clock.t - track.t <= keep) continue
      this.tracks.delete(name)
      this.tails.delete(name)
      this.tailT.delete(name)
      this.standings.delete(name)
    }
  }
}

export const latest = (folder: AlertFolder): Alert => folder.statements[folder.statements.length - 1]!
export const sequenceOf = (alert: Alert): number => alert.sequence ?? 1
export const isOver = (alert: Alert): boolean => alert.level === 'all-clear' || alert.kind === 'cancel'
export const isOpen = (folder: AlertFolder): boolean => !isOver(latest(folder))

/** Whether somebody at the desk has seen the alert since it reached its present level. */
export function isAcknowledged(folder: AlertFolder): boolean {
  const level = latest(folder).level
  const seen = folder.acknowledged ?? []
  const newest = seen[seen.length - 1]
  if (!newest) return false
  return folder.statements.some((one) => sequenceOf(one) === newest.sequence && one.level === level)
}
