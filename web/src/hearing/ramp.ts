// Colours for loudness, even by construction: lightness rises in equal steps of OKLab (Ottosson 2020),
// and lightness alone tells loud from quiet, whatever colours an eye can tell apart.
import type { Theme } from '../url'

export type Rgb = [r: number, g: number, b: number]
export const STEPS = 64

interface Way {
  light: [from: number, to: number]
  chroma: number
  hue: [from: number, to: number] // degrees
}

/** By day loud is dark, as ink on paper; by night it shines. Red light has no hue to spare. */
const WAYS: Record<Theme, Way> = {
  day: { light: [0.975, 0.2], chroma: 0.11, hue: [100, 290] },
  night: { light: [0.16, 0.94], chroma: 0.12, hue: [285, 95] },
  red: { light: [0.12, 0.72], chroma: 0.2, hue: [29, 29] },
}

export function ramp(theme: Theme): Rgb[] {
  const { light, chroma, hue } = WAYS[theme]
  return Array.from({ length: STEPS }, (_, k) => {
    const at = k / (STEPS - 1)
    const between = ([from, to]: [number, number]) => from + (to - from) * at
    return inGamut(between(light), chroma, (between(hue) * Math.PI) / 180)
  })
}

/** The colour, with as much chroma as a screen can show. */
function inGamut(light: number, chroma: number, hue: number): Rgb {
  for (let c = chroma; c > 0; c -= 0.005) {
    const rgb = linear(light, c * Math.cos(hue), c * Math.sin(hue))
    if (rgb.every((one) => one >= -1e-4 && one <= 1 + 1e-4)) return rgb.map(encode) as Rgb
  }
  return linear(light, 0, 0).map(encode) as Rgb
}

function linear(L: number, a: number, b: number): Rgb {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
}

const encode = (c: number) => {
  const x = Math.min(1, Math.max(0, c))
  return Math.round(255 * (x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055))
}
