import { describe, expect, it } from 'vitest'
import { Board, isAcknowledged } from '../src/live/board'
import { buildRows, findRow } from '../src/live/rows'
import type { Alert, AlertFolder, Assessment, Level, Snapshot, Track, Witness } from '../src/live/words'
import { onceFor, standing as rings } from '../src/sound/wish'

const T = 1000
const seen = (kind: Witness['kind'], t = T): Witness => ({ sensor: `${kind}-1`, kind, t })
const track = (name: string, more: Partial<Track> = {}): Track => ({
  t: T, track: name, status: 'confirmed', lat: 15, lon: -12, ve: 3, vn: 4, sigma_m: 20,
  witnesses: [seen('rf')], ...more,
}) // prettier-ignore
const against = (name: string, more: Partial<Assessment> = {}): Assessment => ({
  t: T, track: name, zone: 'dam', standing: 'threat', distance_m: 500, azimuth_deg: 90, ...more,
}) // prettier-ignore
const statement = (name: string, level: Level, sequence: number, more: Partial<Alert> = {}): Alert => ({
  t: T, alert: `a-${name}`, zone: 'dam', track: name, level, kind: sequence === 1 ? 'new' : 'update', sequence,
  headlines: {}, instructions: {}, ...more,
}) // prettier-ignore
const folder = (name: string, ...levels: Level[]): AlertFolder => ({
  alert: `a-${name}`,
  statements: levels.map((level, i) => statement(name, level, i + 1)),
})
const standing = (...ones: Assessment[]) =>
  new Map(ones.map((one) => [one.track, new Map([[one.zone, one]])]))

describe('the list', () => {
  it('puts the gravest first, then the soonest, and birds last', () => {
    const rows = buildRows(
      [track('bird'), track('late'), track('soon'), track('loud'), track('friend'), track('liar')],
      standing(
        against('bird', { standing: 'bird' }),
        against('late', { eta_s: [80, 90, 100] }),
        against('soon', { eta_s: [20, 30, 40] }),
        against('loud', { eta_s: [100, 110, 120] }),
        against('friend', { standing: 'friend', eta_s: [1, 2, 3] }),
        against('liar', { standing: 'suspect' }),
      ),
      [folder('late', 'watch'), folder('soon', 'watch'), folder('loud', 'watch', 'alarm')],
      T,
    )
    expect(rows.map((row) => row.id)).toEqual(['loud', 'soon', 'late', 'liar', 'friend', 'bird'])
    expect(rows.map((row) => row.group)).toEqual(['attention', 'attention', 'attention', 'known', 'known', 'birds'])
  })
  it('keeps an open alarm whose track has gone', () => {
    const [row] = buildRows([], new Map(), [folder('gone', 'alarm')], T)
    expect(row).toMatchObject({ id: 'gone', level: 'alarm', track: null, group: 'attention' })
  })
  it('shows an all-clear for a minute and no longer', () => {
    const cleared = folder('x', 'alarm', 'all-clear')
    expect(buildRows([], new Map(), [cleared], T + 59)).toHaveLength(1)
    expect(buildRows([], new Map(), [cleared], T + 61)).toHaveLength(0)
  })
  it('tells a claimed place from a measured one', () => {
    const rows = buildRows(
      [track('said', { witnesses: [seen('remote_id')] }), track('seen', { witnesses: [seen('remote_id'), seen('acoustic')] })],
      new Map(), [], T,
    ) // prettier-ignore
    expect(rows.map((row) => [row.id, row.measured])).toEqual([['said', false], ['seen', true]])
  })
  it('follows an alert that goes on under another track', () => {
    const moved = folder('old', 'alarm')
    moved.statements.push(statement('new', 'alarm', 2, { alert: moved.alert }))
    const rows = buildRows([track('new')], new Map(), [moved], T)
    expect(findRow(rows, 'old')?.id).toBe('new')
    expect(findRow(rows, 'other')).toBeUndefined()
  })
  it('names only witnesses that are fresh', () => {
    const [row] = buildRows([track('x', { witnesses: [seen('rf', T - 20), seen('acoustic')] })], new Map(), [], T)
    expect(row!.kinds).toEqual(['acoustic'])
  })
  it('suspects a doubted claim before the watch has judged it', () => {
    const [row] = buildRows([track('x', { identity: { serial: 's', suspicion: 0.9 } })], new Map(), [], T)
    expect(row!.standing).toBe('suspect')
  })
})

describe('the bell', () => {
  it('rings while an alarm stands that nobody has seen', () => {
    const alarm = folder('x', 'watch', 'alarm')
    expect(rings([alarm])).toBe('alarm')
    const acknowledged = { ...alarm, acknowledged: [{ alert: alarm.alert, sequence: 2, who: 'me', t: T }] }
    expect(rings([acknowledged])).toBe(null)
    expect(rings([folder('x', 'alarm', 'all-clear')])).toBe(null)
  })
  it('rings again when a seen warning becomes an alarm', () => {
    const worse = { ...folder('x', 'warning', 'alarm'), acknowledged: [{ alert: 'a-x', sequence: 1, who: 'me', t: T }] }
    expect(isAcknowledged(worse)).toBe(false)
    expect(rings([worse])).toBe('alarm')
  })
  it('gives a drill its own sound, and never over a real alarm', () => {
    const drill = { alert: 'a-d', statements: [statement('d', 'alarm', 1, { drill: true })] }
    expect(rings([drill])).toBe('drill')
    expect(rings([drill, folder('x', 'alarm')])).toBe('alarm')
    const warning = { alert: 'a-d', statements: [statement('d', 'warning', 1, { drill: true })] }
    expect(onceFor(warning.statements, new Map([['a-d', warning]]))).toBe('drill')
  })
  it('chimes once for a new warning, and not for its updates', () => {
    const first = folder('x', 'watch', 'warning')
    expect(onceFor([first.statements[1]!], new Map([[first.alert, first]]))).toBe('warning')
    const again = folder('x', 'warning', 'warning')
    expect(onceFor([again.statements[1]!], new Map([[again.alert, again]]))).toBeNull()
  })
  it('sounds the all-clear only where there was something to clear', () => {
    const loud = folder('x', 'alarm', 'all-clear')
    expect(onceFor([loud.statements[1]!], new Map([[loud.alert, loud]]))).toBe('all-clear')
    const quiet = folder('y', 'watch', 'all-clear')
    expect(onceFor([quiet.statements[1]!], new Map([[quiet.alert, quiet]]))).toBeNull()
  })
})

describe('the board', () => {
  const snapshot: Snapshot = {
    boot: 'b', seq: 1, clock: { t: T, speed: 1, mode: 'demo', last_data_t: T - 5 },
    site: { name: 's', languages: [], zones: [], friends: {}, borders: 'dashed' },
    tracks: [track('x', { witnesses: [seen('rf', T - 5)] })], tails: {}, standings: [], alerts: [folder('x', 'alarm')],
    health: [], receipts: [], notes: [],
  } // prettier-ignore
  it('takes proof of life from data, not from messages', () => {
    const board = new Board()
    board.begin(snapshot)
    board.take({ seq: 2, t: T + 3, topic: 'track', body: [track('x', { t: T + 3, status: 'coasting', witnesses: [seen('rf', T - 5)] })] })
    expect(board.lastDataT).toBe(T - 5)
  })
  it('drops an ended track after ten seconds', () => {
    const board = new Board()
    board.begin(snapshot)
    board.take({ seq: 2, t: T + 1, topic: 'track', body: [track('x', { t: T + 1, status: 'ended' })] })
    board.take({ seq: 3, t: T + 10, topic: 'track', body: [track('y', { t: T + 10 })] })
    expect([...board.tracks.keys()]).toEqual(['x', 'y'])
    board.take({ seq: 4, t: T + 12, topic: 'track', body: [] })
    expect([...board.tracks.keys()]).toEqual(['y'])
  })
  it('files who has acknowledged', () => {
    const board = new Board()
    board.begin(snapshot)
    const because = [{ code: 'acknowledged', values: { who: 'me', alert: 'a-x', sequence: 1 } }]
    board.take({ seq: 2, t: T + 1, topic: 'note', body: [{ t: T + 1, because, texts: {} }] })
    expect(isAcknowledged(board.alerts.get('a-x')!)).toBe(true)
  })
})
