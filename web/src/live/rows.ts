// The list: one row a flying thing or open alert, gravest first. Pure, so that it can be tested.
import { isOver, latest } from './board'
import type { AlertFolder, Assessment, Eta, Kind, Level, Standing, Track, Witness } from './words'

export type Group = 'attention' | 'known' | 'birds'

export interface Row {
  id: string // track id; the key of selection
  group: Group
  level: Level | null
  standing: Standing
  track: Track | null // null: the alert is still open but nothing is seen any more
  against: Assessment | null // the zone that matters most
  folder: AlertFolder | null
  eta: Eta | null
  label: string | null
  kinds: Kind[]
  measured: boolean // false: known only by what it says of itself
  inside: boolean
}

const GRAVITY: Record<Level, number> = { alarm: 4, warning: 3, watch: 2, 'all-clear': 1 }
const STANDINGS: Standing[] = ['suspect', 'threat', 'unsure', 'other', 'aircraft', 'friend', 'bird']
const ALL_CLEAR_SHOWN_S = 60
const WITNESS_FRESH_S = 15 // as the trust rule counts them
const DOUBTED = 0.5 // as the watch takes it
const CLAIMING: ReadonlySet<Kind> = new Set(['remote_id', 'adsb'])

export function buildRows(
  tracks: Iterable<Track>,
  standings: ReadonlyMap<string, ReadonlyMap<string, Assessment>>,
  alerts: Iterable<AlertFolder>,
  now: number,
): Row[] {
  const folders = newestFolders(alerts, now)
  const rows = [...tracks].map((track) => {
    const folder = folders.get(track.track) ?? null
    folders.delete(track.track)
    return rowOf(track, gravest([...(standings.get(track.track)?.values() ?? [])]), folder)
  })
  for (const folder of folders.values()) rows.push(rowOf(null, null, folder))
  return rows.sort(byGravity)
}

/** The row of a track, or the row that goes on with its alert under another number. */
export function findRow(rows: Row[], track: string | null): Row | undefined {
  return (
    rows.find((row) => row.id === track) ??
    rows.find((row) => row.folder?.statements.some((one) => one.track === track))
  )
}

/** The newest alert of each track that is open, or was cleared a moment ago. */
function newestFolders(alerts: Iterable<AlertFolder>, now: number): Map<string, AlertFolder> {
  const found = new Map<string, AlertFolder>()
  for (const folder of alerts) {
    const last = latest(folder)
    if (isOver(last) && now - last.t > ALL_CLEAR_SHOWN_S) continue
    const other = found.get(last.track)
    if (!other || rank(last) > rank(latest(other))) found.set(last.track, folder)
  }
  return found
}

const rank = (alert: { level: Level; t: number; kind: string }) =>
  (alert.kind === 'cancel' ? 0 : GRAVITY[alert.level]) * 1e11 + alert.t

function gravest(standings: Assessment[]): Assessment | null {
  const order = (one: Assessment) => (one.level ? GRAVITY[one.level] : 0)
  standings.sort((a, b) => order(b) - order(a) || a.distance_m - b.distance_m)
  return standings[0] ?? null
}

function rowOf(track: Track | null, against: Assessment | null, folder: AlertFolder | null): Row {
  const last = folder ? latest(folder) : null
  const level = last ? (last.kind === 'cancel' ? null : last.level) : null
  // The watch judges no first signs; the tracker may doubt the claim already.
  const doubted = (track?.identity?.suspicion ?? 0) >= DOUBTED
  const standing = against?.standing ?? (doubted ? 'suspect' : 'unsure')
  const witnesses = track?.witnesses ?? []
  return {
    id: track?.track ?? last!.track,
    group: level ? 'attention' : standing === 'bird' ? 'birds' : 'known',
    level,
    standing,
    track,
    against,
    folder,
    eta: (track && against?.eta_s) || null,
    label: against?.label ?? null,
    kinds: kindsOf(witnesses, track?.t ?? 0),
    measured: witnesses.length === 0 || witnesses.some((one) => !CLAIMING.has(one.kind)),
    inside: against?.inside ?? false,
  }
}

/** Kinds of sensor that agreed with the track lately, each once, in order of name. */
export function kindsOf(witnesses: Witness[], now: number): Kind[] {
  const fresh = witnesses.filter((one) => now - one.t <= WITNESS_FRESH_S)
  return [...new Set(fresh.map((one) => one.kind))].sort()
}

/** Likely seconds to entry; a hundred years where it is not closing. */
const soonest = (row: Row) => row.eta?.[1] ?? 3.2e9

function byGravity(a: Row, b: Row): number {
  return (
    (b.level ? GRAVITY[b.level] : 0) - (a.level ? GRAVITY[a.level] : 0) ||
    (a.level && b.level ? soonest(a) - soonest(b) : 0) || // without an alert, time to entry is nobody's worry
    STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing) ||
    (a.id < b.id ? -1 : 1) // not by distance: rows that swap places cannot be read
  )
}
