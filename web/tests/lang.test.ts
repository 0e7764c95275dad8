import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import ar from '../src/lang/ar.json'
import en from '../src/lang/en.json'
import fr from '../src/lang/fr.json'
import { sayMisaligned } from '../src/now/misaligned'
import { chooseLanguage, Voice } from '../src/say'

const SOURCE = new URL('../src/', import.meta.url).pathname
const sources = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|svelte)$/.test(name))
  .map((name) => readFileSync(join(SOURCE, name), 'utf8'))
  .join('\n')
const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort()

describe('the languages', () => {
  it('say the same things', () => {
    for (const table of [fr, ar]) expect(Object.keys(table).sort()).toEqual(Object.keys(en).sort())
  })
  it('fill in the same values', () => {
    for (const key of Object.keys(en) as (keyof typeof en)[]) for (const table of [fr, ar]) expect(places(table[key]), key).toEqual(places(en[key]))
  })
  it('leave nothing empty', () => {
    for (const text of [en, fr, ar].flatMap((table) => Object.values(table))) expect(text.trim()).not.toBe('')
  })
  it('hold no phrase that nobody says', () => {
    // A key is said whole ('row.where') or by its family (`level.${…}`, word('kind', …)).
    const unsaid = Object.keys(en).filter((key) => {
      const family = key.slice(0, key.lastIndexOf('.'))
      return !sources.includes(`'${key}'`) && !sources.includes(`\`${family}.\${`) && !sources.includes(`word('${family}'`)
    })
    expect(unsaid).toEqual([])
  })
})

describe('a sensor that stands wrong', () => {
  const radar = { sensor: 'radar2', kind: 'radar', state: 'alive' } as const
  it('says by how much', () => {
    expect(sayMisaligned({ ...radar, north_error_deg: 3, clock_lag_s: 0.8 }, new Voice('en'))).toBe(
      'radar2 is turned by +3.0° and 0.8 s late; corrected',
    )
    expect(sayMisaligned({ ...radar, north_error_deg: -3 }, new Voice('fr'))).toBe('radar2 est tourné de -3,0° ; corrigé')
  })
})

describe('a voice', () => {
  const french = new Voice('fr')
  it('says distances as people do', () => {
    expect(french.distance(1234)).toBe('1,2\u00a0km')
    expect(french.distance(874)).toBe('870\u00a0m')
    expect(french.distance(7.4)).toBe('7\u00a0m')
  })
  it('says directions with their article', () => {
    expect(french.direction(271)).toBe('à l’ouest')
    expect(french.direction(359)).toBe('au nord')
  })
  it('counts minutes and seconds', () => {
    expect(french.minutes(59.4)).toBe('0:59')
    expect(french.minutes(125)).toBe('2:05')
    expect(french.minutes(-3)).toBe('0:00')
    expect(french.minutes(4800)).toBe('1 h 20')
  })
  it('in Arabic runs from right to left and keeps the direction of what it quotes', () => {
    const arabic = new Voice('ar')
    expect([arabic.dir, french.dir]).toEqual(['rtl', 'ltr'])
    expect(arabic.distance(1234)).toBe('1.2\u00a0كم')
    expect(arabic.say('row.age', { age: arabic.age(40) })).toBe('منذ \u206840\u00a0ث\u2069')
  })
  it('is chosen from the address, then the browser, then English', () => {
    expect(chooseLanguage('fr', ['en-GB'])).toBe('fr')
    expect(chooseLanguage(null, ['de-DE', 'fr-SN'])).toBe('fr')
    expect(chooseLanguage('xx', ['de'])).toBe('en')
    expect(chooseLanguage(null, ['ar-TD'])).toBe('ar')
  })
})
