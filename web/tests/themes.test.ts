import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

// WCAG 2.2, 1.4.3: text has at least 4.5:1 on its ground, in each light.
const LEAST = 4.5
const PAIRS = [
  'ink panel', 'ink ground', 'ink raised', 'soft panel', 'soft ground', 'soft raised', 'soft alarm-wash', 'soft warning-wash',
  'soft clear-wash', 'accent panel', 'on-accent accent', 'on-alarm alarm-fill', 'alarm panel', 'alarm alarm-wash',
  'warning panel', 'on-warning warning-fill', 'watch panel', 'clear panel', 'clear clear-wash', 'suspect panel',
  'suspect raised', 'bird panel', 'bird raised',
] // prettier-ignore

const sheet = readFileSync(new URL('../src/themes.css', import.meta.url), 'utf8')
const themes = [...sheet.matchAll(/\[data-theme='(\w+)'\] \{([^}]*--ground[^}]*)\}/g)].map(([, name, body]) => ({
  name: name!,
  colours: new Map([...body!.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map((found) => [found[1]!, found[2]!])),
}))

function light(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

const contrast = (a: string, b: string) => {
  const [low, high] = [light(a), light(b)].sort((x, y) => x - y)
  return (high! + 0.05) / (low! + 0.05)
}

describe('the lights', () => {
  it('are three', () => expect(themes.map((theme) => theme.name)).toEqual(['day', 'night', 'red']))
  it.each(themes)('can be read: $name', ({ colours }) => {
    const weak = PAIRS.filter((pair) => {
      const [text, ground] = pair.split(' ').map((name) => colours.get(name)!)
      return contrast(text!, ground!) < LEAST
    })
    expect(weak).toEqual([])
  })
  it('knows black on white', () => expect(contrast('#000000', '#ffffff')).toBeCloseTo(21))
})
