// A sensor that was found turned or late, in the reader's words.
import type { SensorHealth } from '../live/words'
import type { Voice } from '../say'

export function sayMisaligned(one: SensorHealth, voice: Voice): string {
  const { sensor, north_error_deg, clock_lag_s } = one
  const degrees = voice.signed(north_error_deg ?? 0)
  const seconds = voice.decimal(clock_lag_s ?? 0)
  if (clock_lag_s === undefined) return voice.say('sensor.turned', { sensor, degrees })
  if (north_error_deg === undefined) return voice.say('sensor.late', { sensor, seconds })
  return voice.say('sensor.turned.late', { sensor, degrees, seconds })
}
