// The page's working state: the board, the line, the bell, and what the reader has chosen.
import { onceFor, standing } from '../sound/wish'
import { Bell, type Sound } from '../sound/bell'
import { Board, isOpen, latest } from '../live/board'
import { Line, type LineState, session, signIn, signOut } from '../live/stream'
import { buildRows, type Row } from '../live/rows'
import { chooseLanguage, Voice } from '../say'
import { type Place, readPlace, takeToken, type Theme, writePlace } from '../url'
import { Minute } from '../live/minute'
import type { Alert, AlertFolder, Authority, Note, Receipt, SensorHealth, SourceHealth } from '../live/words'

const REFRESH_MS = 150 // a reader cannot follow more, a slow machine cannot draw more
const BELL_KEY = 'tocsin.sound'

export type SignIn = 'asking' | 'out' | 'in'

export class Desk {
  readonly board = new Board()
  revision = $state(0) // rises when the board changed; the map reads the board then
  rows = $state.raw<Row[]>([])
  alerts = $state.raw<AlertFolder[]>([])
  receipts = $state.raw<Receipt[]>([])
  health = $state.raw<SensorHealth[]>([])
  sources = $state.raw<SourceHealth[]>([])
  authorities = $state.raw<Authority[]>([])
  notes = $state.raw<Note[]>([])
  minute = $state.raw<Minute | null>(null) // of the microphone whose panel is open
  now = $state(0)
  line = $state<LineState>('joining')
  signedIn = $state<SignIn>('asking')
  place = $state<Place>(readPlace(location.search))
  soundOn = $state(false)
  playing = $state<Sound | null>(null)
  problem = $state<'wrong' | 'wait' | 'unknown' | null>(null)

  readonly voice = $derived(new Voice(chooseLanguage(this.place.lang, navigator.languages)))
  /** All that come are microphones that say they hear nothing: as in serve/public.py. */
  readonly deaf = $derived(
    this.health.some((one) => one.state === 'deaf') &&
      !this.health.some((one) => one.state === 'alive' || one.state === 'degraded'),
  )
  readonly urgent = $derived(this.alerts.filter((folder) => isOpen(folder) && isLoud(latest(folder))))

  private readonly bell = new Bell(() => this.seeBell())
  private readonly wire = new Line({
    snapshot: (snapshot) => {
      this.board.begin(snapshot)
      this.soon()
    },
    envelope: (envelope) => {
      const news = this.board.take(envelope)
      if (news.length > 0) this.hear(news)
      this.soon()
    },
    heard: (heard) => {
      if (heard.sensor === this.place.sensor) this.minute = (this.minute ?? new Minute(heard.sensor)).with(heard)
    },
    beat: (clock) => this.board.keepTime(clock),
    line: (state) => {
      if (state === 'signed-out') this.signedIn = 'out'
      if (state !== this.line) this.line = state
    },
  })
  private waiting = 0
  private ticking = 0

  async start(): Promise<void> {
    const token = takeToken(location.hash)
    if (token !== null) {
      history.replaceState(null, '', location.pathname + location.search)
      await this.enter(token)
    } else {
      const state = await session()
      if (state === 'open') this.open()
      else {
        this.signedIn = 'out'
        this.problem = state === 'unknown' ? 'unknown' : null
      }
    }
  }

  async enter(token: string): Promise<void> {
    const answer = await signIn(token.trim())
    if (answer === 'open') return this.open()
    this.problem = answer
    this.signedIn = 'out'
  }

  async leave(): Promise<void> {
    this.wire.close()
    this.bell.hush()
    await signOut()
    this.signedIn = 'out'
  }

  choose(change: Partial<Place>): void {
    this.place = { ...this.place, ...change }
    history.replaceState(null, '', location.pathname + writePlace(this.place))
  }

  select(track: string | null): void {
    this.choose({ track, sensor: null })
    this.hearken()
  }

  /** Open the panel of a microphone, or close it. */
  listenTo(sensor: string | null): void {
    this.choose({ sensor, track: null, ...(sensor ? { side: 'list' } : {}) }) // a phone shows it in the list's place
    this.hearken()
  }

  private hearken(): void {
    const { sensor } = this.place
    if (this.minute?.sensor !== sensor) this.minute = null
    this.wire.hearken(sensor)
  }

  setTheme(theme: Theme): void {
    this.choose({ theme })
  }

  async toggleSound(): Promise<void> {
    if (this.soundOn) {
      await this.bell.turnOff()
    } else {
      await this.bell.turnOn()
      if (this.bell.playing === null) this.bell.play('warning') // proof that it can be heard
    }
    sessionStorage.setItem(BELL_KEY, this.soundOn ? 'on' : 'off')
    this.ringIfNeeded()
  }

  private open(): void {
    this.problem = null
    this.signedIn = 'in'
    this.hearken()
    this.wire.open()
    window.clearInterval(this.ticking)
    this.ticking = window.setInterval(() => (this.now = this.board.now()), 500)
    if (sessionStorage.getItem(BELL_KEY) !== 'off') void this.bell.turnOn()
  }

  private hear(news: Alert[]): void {
    const once = onceFor(news, this.board.alerts)
    if (once && !standing(this.board.alerts.values())) this.bell.play(once)
  }

  private ringIfNeeded(): void {
    const wanted = standing(this.board.alerts.values())
    if (wanted) this.bell.play(wanted, true)
    else if (this.bell.ringsOn) this.bell.hush()
  }

  private seeBell(): void {
    this.soundOn = this.bell.on
    this.playing = this.bell.playing
  }

  private soon(): void {
    if (this.waiting) return
    this.waiting = window.setTimeout(() => this.refresh(), REFRESH_MS)
  }

  private refresh(): void {
    this.waiting = 0
    const board = this.board
    this.now = board.now()
    this.rows = buildRows(board.tracks.values(), board.standings, board.alerts.values(), board.clock.t)
    this.alerts = [...board.alerts.values()]
    this.receipts = board.receipts
    this.health = [...board.health.values()]
    this.sources = [...board.sources.values()]
    this.authorities = board.authorities
    this.notes = board.notes
    this.revision++
    this.ringIfNeeded()
  }
}

const isLoud = (alert: Alert) => alert.level === 'alarm' || alert.level === 'warning'
