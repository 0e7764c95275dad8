// Words and numbers in the reader's language. Sentences of reasons come from the server.
import ar from './lang/ar.json'
import en from './lang/en.json'
import fr from './lang/fr.json'
import type { Eta } from './live/words'

export type Key = keyof typeof en
const TABLES: Record<string, Record<Key, string>> = { fr, en, ar }
export const LANGUAGES = Object.keys(TABLES)
const RIGHT_TO_LEFT = new Set(['ar'])

export function chooseLanguage(wanted: string | null, preferred: readonly string[]): string {
  const tags = [wanted ?? '', ...preferred].map((tag) => tag.toLowerCase().split('-')[0] ?? '')
  return tags.find((tag) => LANGUAGES.includes(tag)) ?? 'en'
}

export class Voice {
  private readonly table: Record<Key, string>
  private readonly decimals: Intl.NumberFormat
  private readonly signs: Intl.NumberFormat
  constructor(readonly language: string) {
    this.table = TABLES[language] ?? en
    const numbers = `${language}-u-nu-latn` // one kind of digits on a screen, whatever the system prefers
    this.decimals = new Intl.NumberFormat(numbers, { maximumFractionDigits: 1 })
    this.signs = new Intl.NumberFormat(numbers, { minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: 'exceptZero' })
  }

  get dir(): 'rtl' | 'ltr' {
    return RIGHT_TO_LEFT.has(this.language) ? 'rtl' : 'ltr'
  }

  /** A phrase, with `{name}` filled in; from right to left each value keeps its own direction. */
  say(key: Key, values: Record<string, string | number> = {}): string {
    const [open, close] = this.dir === 'rtl' ? ['\u2068', '\u2069'] : ['', '']
    return this.table[key].replace(/\{(\w+)\}/g, (_, name: string) => `${open}${values[name] ?? ''}${close}`)
  }

  has(key: string): key is Key {
    return key in this.table
  }

  /** A phrase whose key is put together; the last part stands alone if the table lacks it. */
  word(family: string, name: string): string {
    const key = `${family}.${name}`
    return this.has(key) ? this.say(key) : name
  }

  distance(metres: number): string {
    if (metres < 1000) return `${metres >= 100 ? Math.round(metres / 10) * 10 : Math.round(metres)}\u00a0${this.say('unit.m')}`
    return `${this.decimals.format(metres / 1000)}\u00a0${this.say('unit.km')}`
  }

  list(words: string[]): string {
    return words.join(this.say('list.comma'))
  }

  decimal(value: number): string {
    return this.decimals.format(value)
  }

  /** One decimal, with its sign: "+3.0". */
  signed(value: number): string {
    return this.signs.format(value)
  }

  speed(mps: number): string {
    return `${Math.round(mps)}\u00a0${this.say('unit.mps')}`
  }

  direction(azimuth_deg: number): string {
    const names = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'] as const
    return this.say(`compass.${names[Math.round(azimuth_deg / 45) % 8]!}`)
  }

  /** "0:59" up to an hour, "1 h 20" beyond: short enough to compare rows at a glance. */
  minutes(seconds: number): string {
    const whole = Math.max(0, Math.round(seconds))
    if (whole >= 3600) return `${Math.floor(whole / 3600)} ${this.say('unit.h')} ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')}`
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
  }

  interval(eta: Eta): string {
    return `${this.minutes(eta[0])}–${this.minutes(eta[2])}`
  }

  age(seconds: number): string {
    const whole = Math.max(0, Math.round(seconds))
    if (whole < 90) return `${whole}\u00a0${this.say('unit.s')}`
    if (whole < 5400) return `${Math.round(whole / 60)}\u00a0${this.say('unit.min')}`
    return `${Math.round(whole / 3600)}\u00a0${this.say('unit.h')}`
  }

  percent(share: number): string {
    return `${Math.round(share * 100)}\u00a0%`
  }

  /** UTC, because a watch hands over to people elsewhere. */
  clock(t: number): string {
    return t > 0 ? new Date(t * 1000).toISOString().slice(11, 19) : '--:--:--'
  }
}

/** The sentences in a language, else in English, else none. */
export const inLanguage = (texts: Record<string, string[]> | undefined, language: string): string[] =>
  texts?.[language] ?? texts?.en ?? []
