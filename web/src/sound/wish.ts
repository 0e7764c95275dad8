// What the bell should do: pure, from the alerts and the statements that have just come.
import { isAcknowledged, isOpen, latest } from '../live/board'
import type { Alert, AlertFolder } from '../live/words'
import type { Sound } from './bell'

/** What rings on while an alarm stands that nobody at the desk has acknowledged: a real one first. */
export function standing(folders: Iterable<AlertFolder>): 'alarm' | 'drill' | null {
  let drill = false
  for (const folder of folders) {
    if (!isOpen(folder) || latest(folder).level !== 'alarm' || isAcknowledged(folder)) continue
    if (!latest(folder).drill) return 'alarm'
    drill = true
  }
  return drill ? 'drill' : null
}

/** The sound that new statements ask for once; an alarm is not once. */
export function onceFor(news: Alert[], folders: ReadonlyMap<string, AlertFolder>): Sound | null {
  let wish: Sound | null = null
  for (const alert of news) {
    const before = folders.get(alert.alert)?.statements.slice(0, -1) ?? []
    const wasLoud = before.some((one) => one.level === 'alarm' || one.level === 'warning')
    if (alert.level === 'all-clear' || alert.kind === 'cancel') {
      if (wasLoud) wish = 'all-clear'
    } else if (alert.level === 'warning' && before[before.length - 1]?.level !== 'warning') {
      wish ??= alert.drill ? 'drill' : 'warning'
    }
  }
  return wish
}
