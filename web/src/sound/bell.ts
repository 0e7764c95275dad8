// The bell: three sounds that nobody confuses, made by the browser itself (no sound files).
//
// alarm      a struck bell, two strokes a second, until somebody acknowledges or it is over
// warning    three soft chimes, once
// all-clear  one long steady tone, as sirens give it

export type Sound = 'alarm' | 'warning' | 'all-clear'

// Partials of a church bell: hum, prime, tierce, quint, nominal; relative to the prime.
const PARTIALS: [ratio: number, strength: number, seconds: number][] = [
  [0.5, 0.35, 2.2],
  [1, 0.5, 1.6],
  [1.2, 0.3, 1.2],
  [1.5, 0.2, 0.9],
  [2, 0.45, 0.8],
  [3, 0.15, 0.4],
]
const ALARM_HZ = 520
const CHIME_HZ = 880
const CLEAR_HZ = 440
const STROKE_S = 0.5
const CHIMES = 3
const CHIME_GAP_S = 0.7
const CLEAR_S = 4

export class Bell {
  private context: AudioContext | null = null
  private out: GainNode | null = null
  private stroke = 0
  private ending = 0
  playing: Sound | null = null

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

  play(sound: Sound): void {
    if (sound === this.playing && sound === 'alarm') return
    this.hush()
    this.playing = sound
    if (this.context) {
      this.out = this.context.createGain()
      this.out.connect(this.context.destination)
    }
    if (sound === 'alarm') {
      this.strike(ALARM_HZ, 0.9)
      this.stroke = window.setInterval(() => this.strike(ALARM_HZ, 0.9), STROKE_S * 1000)
    } else if (sound === 'warning') {
      for (let i = 0; i < CHIMES; i++) this.strike(CHIME_HZ, 0.25, i * CHIME_GAP_S)
      this.endAfter(CHIMES * CHIME_GAP_S + 0.6)
    } else {
      this.hold(CLEAR_HZ, CLEAR_S)
      this.endAfter(CLEAR_S)
    }
    this.onChange()
  }

  hush(): void {
    window.clearInterval(this.stroke)
    window.clearTimeout(this.ending)
    if (this.out && this.context) {
      const out = this.out
      out.gain.setTargetAtTime(0, this.context.currentTime, 0.05)
      window.setTimeout(() => out.disconnect(), 400)
    }
    this.out = null
    if (this.playing === null) return
    this.playing = null
    this.onChange()
  }

  private endAfter(seconds: number): void {
    this.ending = window.setTimeout(() => this.hush(), seconds * 1000)
  }

  private strike(hz: number, loudness: number, delay = 0): void {
    if (!this.context || !this.out || this.context.state !== 'running') return
    const start = this.context.currentTime + delay
    for (const [ratio, strength, seconds] of PARTIALS) {
      this.tone(hz * ratio, start, seconds, (gain) => {
        gain.setValueAtTime(0.0001, start)
        gain.exponentialRampToValueAtTime(strength * loudness * 0.4, start + 0.008)
        gain.exponentialRampToValueAtTime(0.0001, start + seconds)
      })
    }
  }

  private hold(hz: number, seconds: number): void {
    if (!this.context || this.context.state !== 'running') return
    const start = this.context.currentTime
    this.tone(hz, start, seconds, (gain) => {
      gain.setValueAtTime(0.0001, start)
      gain.linearRampToValueAtTime(0.3, start + 0.4)
      gain.setValueAtTime(0.3, start + seconds - 0.6)
      gain.linearRampToValueAtTime(0.0001, start + seconds)
    })
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
