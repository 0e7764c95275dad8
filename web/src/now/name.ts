// What a row is called, in the reader's words.
import type { Row } from '../live/rows'
import type { Voice } from '../say'

export function nameOf(row: Row, voice: Voice): string {
  if (!row.track) return voice.say('what.gone')
  if (row.standing === 'friend') return row.label ?? voice.say('what.friend')
  if (row.standing !== 'threat') return voice.word('what', row.standing)
  const claim = row.track.identity
  const announces = claim?.serial ?? claim?.session ?? claim?.icao24
  return voice.say(announces ? 'what.threat.claims' : 'what.threat.silent')
}

export function claimOf(row: Row): string | null {
  const claim = row.track?.identity
  return claim?.serial ?? claim?.callsign ?? claim?.session ?? claim?.icao24 ?? null
}

export function speedOf(row: Row): number | null {
  return row.track ? Math.hypot(row.track.ve, row.track.vn) : null
}

/** Seconds since a sensor last agreed with the track. */
export function ageOf(row: Row, now: number): number | null {
  if (!row.track) return null
  const heard = (row.track.witnesses ?? []).map((one) => one.t)
  return Math.max(0, now - (heard.length ? Math.max(...heard) : row.track.t))
}
