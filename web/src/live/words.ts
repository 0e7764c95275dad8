// The words as they come over the wire: see docs/reference/api.md. Absent is unknown, never 0.

export type Level = 'watch' | 'warning' | 'alarm' | 'all-clear'
export type Status = 'tentative' | 'confirmed' | 'coasting' | 'ended'
export type Kind = 'radar' | 'rf' | 'acoustic' | 'camera' | 'remote_id' | 'adsb' | 'human'
export type Standing = 'threat' | 'friend' | 'bird' | 'aircraft' | 'other' | 'suspect' | 'unsure'
export type Mode = 'live' | 'demo' | 'replay'
export type Texts = Record<string, string[]>
export type Eta = [low: number, likely: number, high: number]
export type LonLat = [lon: number, lat: number]

export interface Reason {
  code: string
  values?: Record<string, string | number>
}

export interface Witness {
  sensor: string
  kind: Kind
  t: number
}

export interface Claim {
  serial?: string
  session?: string
  icao24?: string
  callsign?: string
  suspicion?: number
  because?: Reason[]
}

export interface Track {
  t: number
  track: string
  status: Status
  lat: number
  lon: number
  alt_m?: number
  ve: number
  vn: number
  vu?: number
  sigma_m: number
  class?: { drone?: number; bird?: number; aircraft?: number; other?: number }
  identity?: Claim
  ellipse?: { major_m: number; minor_m: number; azimuth_deg: number }
  witnesses?: Witness[]
  first_t?: number
  texts?: Texts
}

export interface Assessment {
  t: number
  track: string
  zone: string
  standing: Standing
  distance_m: number
  azimuth_deg: number
  inside?: boolean
  level?: Level
  eta_s?: Eta
  p_enter?: number
  closing_mps?: number
  label?: string
  texts?: Texts
}

export interface Alert {
  t: number
  alert: string
  zone: string
  track: string
  level: Level
  kind: 'new' | 'update' | 'cancel'
  eta_s?: Eta
  because?: Reason[]
  sequence?: number
  witnesses?: Witness[]
  position?: { lat: number; lon: number }
  public?: boolean
  drill?: boolean
  texts?: Texts
  headlines: Record<string, string>
  instructions: Record<string, string>
}

export interface Acknowledgement {
  alert: string
  sequence: number
  who: string
  t: number
}

export interface AlertFolder {
  alert: string
  statements: Alert[]
  acknowledged?: Acknowledgement[]
}

export interface Receipt {
  channel: string
  alert: string
  sequence: number
  level: Level
  t_sent: number
  delivered: boolean
  attempts?: number
  t_done?: number
  detail?: string
}

export type Deafness = 'silence' | 'clipping' | 'dc' | 'dropout' | 'not-a-number' | 'no-signal'

export interface SelfTest {
  sensor: string
  t: number
  passed: boolean
  why?: string
}

export interface HeardWindow {
  t: number // its beginning
  dur_s: number
  p?: number
  level_dbfs?: number
  bpf_hz?: number
  deaf?: Deafness
  event?: boolean
  bands?: number[] // dB against full scale, from low to high
}

/** The last minute of one microphone, or what came since. */
export interface Heard {
  sensor: string
  windows: HeardWindow[]
  threshold?: number
  edges_hz?: number[]
}

export interface SensorHealth {
  sensor: string
  kind: Kind
  state: 'alive' | 'degraded' | 'deaf' | 'silent' | 'never-heard'
  last_data_t?: number
  why?: string
  north_error_deg?: number
  clock_lag_s?: number
  seen?: number
  refused?: number
  since_t?: number
  self_test?: SelfTest
}

export interface SourceHealth {
  source: string
  kind: string
  connected?: boolean
  since_t?: number
  last_data_t?: number
  seen?: number
  decoded?: number
  refused?: Record<string, number>
  late?: number
  dropped?: number
  reconnects?: number
  duty?: Record<string, number>
  why?: string
}

export interface Note {
  t: number
  because: Reason[]
  texts: Texts
}

export interface Zone {
  id: string
  names: Record<string, string>
  polygon: LonLat[]
}

export interface SensorSite {
  id: string
  kind: Kind
  lat: number
  lon: number
  max_range_m?: number
  fov?: { azimuth_center_deg: number; azimuth_width_deg: number }
}

export interface Clock {
  t: number
  speed: number
  mode: Mode
  last_data_t?: number | null
}

export interface Site {
  name: string
  languages: string[]
  zones: Zone[]
  friends: Record<string, string>
  borders: 'dashed' | 'hidden'
}

export interface AuthorityArea {
  description: string
  polygons?: LonLat[][]
  circles?: [lon: number, lat: number, radius_km: number][]
  geocodes?: [name: string, value: string][]
}

export interface AuthorityInfo {
  language: string
  event: string
  urgency: string
  severity: string
  certainty: string
  sender_name?: string
  headline?: string
  description?: string
  instruction?: string
  areas?: AuthorityArea[]
}

/** Somebody else's warning: see docs/reference/cap-authorities.md. */
export interface Authority {
  id: string
  authority: string
  alert: { sender: string; status: string; infos?: AuthorityInfo[] }
  from_t: number
  until_t: number
  signed_by?: string
  relayed?: { zone: string; level: Level; t: number; automatic: boolean }[]
  may_relay?: boolean
}

export interface Snapshot {
  boot: string
  seq: number
  clock: Clock
  site: Site
  tracks: Track[]
  tails: Record<string, LonLat[]>
  standings: Assessment[]
  alerts: AlertFolder[]
  health: SensorHealth[]
  sources?: SourceHealth[]
  authorities?: Authority[]
  receipts: Receipt[]
  notes: Note[]
}

export type Envelope =
  | { seq: number; t: number; topic: 'track'; body: Track[] }
  | { seq: number; t: number; topic: 'assessment'; body: Assessment[] }
  | { seq: number; t: number; topic: 'alert'; body: Alert[] }
  | { seq: number; t: number; topic: 'receipt'; body: Receipt[] }
  | { seq: number; t: number; topic: 'health'; body: SensorHealth[] }
  | { seq: number; t: number; topic: 'source'; body: SourceHealth[] }
  | { seq: number; t: number; topic: 'authority'; body: Authority[] }
  | { seq: number; t: number; topic: 'note'; body: Note[] }
