// The bell: four sounds that nobody confuses, made by the browser itself (no sound files).
//
// alarm      a struck bell, two strokes a second, until somebody acknowledges or it is over
// drill      two plain notes, high then low, every three seconds, as long as an alarm would ring
// warning    three soft chimes, once
// all-clear  one long steady tone, as sirens give it

export type Sound = 'alarm' | 'drill' | 'warning' | 'all-clear'

export interface Note {
  hz: number
  at_s: number
  seconds: number
  loudness: number
  timbre: 'bell' | 'pipe'
}

/** What is played: once, or every `every_s` for what rings on. */
export interface Score {
  notes: Note[]
  every_s: number
}

const bell = (hz: number, at_s: number, loudness: number): Note => ({ hz, at_s, seconds: 2.2, loudness, timbre: 'bell' })
const pipe = (hz: number, at_s: number, seconds: number): Note => ({ hz, at_s, seconds, loudness: 0.3, timbre: 'pipe' })

export const SCORES: Record<Sound, Score> = {
  alarm: { notes: [bell(520, 0, 0.9)], every_s: 0.5 },
  drill: { notes: [pipe(660, 0, 0.5), pipe(440, 0.6, 0.9)], every_s: 3 },
  warning: { notes: [bell(880, 0, 0.25), bell(880, 0.7, 0.25), bell(880, 1.4, 0.25)], every_s: 5 },
  'all-clear': { notes: [pipe(440, 0, 4)], every_s: 8 },
}

// Partials of a church bell: hum, prime, tierce, quint, nominal; relative to the prime.
const PARTIALS: [ratio: number, strength: number, seconds: number][] = [
  [0.5, 0.35, 2.2],
  [1, 0.5, 1.6],
  [1.2, 0.3, 1.2],
  [1.5, 0.2, 0.9],
  [2, 0.45, 0.8],
  [3, 0.15, 0.4],
]
const ATTACK_S = { bell: 0.008, pipe: 0.1 }
const SILENT = 0.0001 // an exponential ramp cannot begin or end at zero

export class Bell {
  private context: AudioContext | null = null
  private out: GainNode | null = null
  private again = 0
  private ending = 0
  playing: Sound | null = null
  ringsOn = false

  constructor(private readonly onChange: () => void) {}

  /** Whether the browser lets us be heard. */
  get on(): boolean {
    return this.context?.state === 'running'
  }

  /** Ask for sound: browsers grant it after a tap, some at once. */
  async turnOn(): Promise<void> {
    this.context ??= new AudioContext()
    this.context.onstatechange = () => this.onChange()
    await Promise.race([this.context.resume(), new Promise((done) => setTimeout(done, 400))])
    this.onChange()
  }

  async turnOff(): Promise<void> {
    this.hush()
    await this.context?.suspend()
    this.onChange()
  }

  /** Once, or on and on until it is hushed. */
  play(sound: Sound, ringsOn = false): void {
    if (ringsOn && this.ringsOn && sound === this.playing) return
    this.hush()
    const { notes, every_s } = SCORES[sound]
    this.playing = sound
    this.ringsOn = ringsOn
    if (this.context) {
      this.out = this.context.createGain()
      this.out.connect(this.context.destination)
    }
    const once = () => notes.forEach((note) => this.sound(note))
    once()
    if (ringsOn) this.again = window.setInterval(once, every_s * 1000)
    else this.endAfter(Math.max(...notes.map((note) => note.at_s + note.seconds)))
    this.onChange()
  }

  hush(): void {
    window.clearInterval(this.again)
    window.clearTimeout(this.ending)
    if (this.out && this.context) {
      const out = this.out
      out.gain.setTargetAtTime(0, this.context.currentTime, 0.05)
      window.setTimeout(() => out.disconnect(), 400)
    }
    this.out = null
    if (this.playing === null) return
    this.playing = null
    this.ringsOn = false
    this.onChange()
  }

  private endAfter(seconds: number): void {
    this.ending = window.setTimeout(() => this.hush(), seconds * 1000)
  }

  private sound({ hz, at_s, seconds, loudness, timbre }: Note): void {
    if (!this.context || !this.out || this.context.state !== 'running') return
    const start = this.context.currentTime + at_s
    const attack = start + ATTACK_S[timbre]
    if (timbre === 'pipe') {
      this.tone(hz, start, seconds, (gain) => {
        gain.setValueAtTime(SILENT, start)
        gain.linearRampToValueAtTime(loudness, attack)
        gain.setValueAtTime(loudness, start + seconds * 0.85)
        gain.linearRampToValueAtTime(SILENT, start + seconds)
      })
      return
    }
    for (const [ratio, strength, fades_s] of PARTIALS) {
      this.tone(hz * ratio, start, fades_s, (gain) => {
        gain.setValueAtTime(SILENT, start)
        gain.exponentialRampToValueAtTime(strength * loudness * 0.4, attack)
        gain.exponentialRampToValueAtTime(SILENT, start + fades_s)
      })
    }
  }

  private tone(hz: number, start: number, seconds: number, shape: (gain: AudioParam) => void): void {
    if (!this.context || !this.out) return
    const oscillator = this.context.createOscillator()
    const gain = this.context.createGain()
    oscillator.frequency.value = hz
    shape(gain.gain)
    oscillator.connect(gain).connect(this.out)
    oscillator.start(start)
    oscillator.stop(start + seconds + 0.05)
  }
}
