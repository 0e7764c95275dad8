// The URL is the state: what is selected, the language, the theme, and on a phone which side is shown.

export type Theme = 'day' | 'night' | 'red'
export type Side = 'list' | 'map'

export interface Place {
  lang: string | null
  theme: Theme | null
  track: string | null
  sensor: string | null // the microphone whose panel is open
  side: Side
}

const THEMES: readonly string[] = ['day', 'night', 'red']

export function readPlace(search: string): Place {
  const query = new URLSearchParams(search)
  const theme = query.get('theme') ?? ''
  return {
    lang: query.get('lang'),
    theme: THEMES.includes(theme) ? (theme as Theme) : null,
    track: query.get('track'),
    sensor: query.get('sensor'),
    side: query.get('side') === 'map' ? 'map' : 'list',
  }
}

export function writePlace(place: Place): string {
  const query = new URLSearchParams()
  if (place.lang) query.set('lang', place.lang)
  if (place.theme) query.set('theme', place.theme)
  if (place.track) query.set('track', place.track)
  if (place.sensor) query.set('sensor', place.sensor)
  if (place.side === 'map') query.set('side', 'map')
  const text = query.toString()
  return text ? `?${text}` : ''
}

/** The token in `#token=…`, and the address without it; null if there is none. */
export function takeToken(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token')
}
