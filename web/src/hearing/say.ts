// Why a microphone is deaf, in the reader's words.
import type { SensorHealth } from '../live/words'
import type { Voice } from '../say'

export const sayDeaf = (one: SensorHealth, voice: Voice): string => voice.word('deaf', one.why ?? 'no-signal')
