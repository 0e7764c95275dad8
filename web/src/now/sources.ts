// What became of the messages of a source, in one sentence.
import type { SourceHealth } from '../live/words'
import type { Voice } from '../say'

export function sayCounts(one: SourceHealth, voice: Voice): string {
  const refused = Object.values(one.refused ?? {}).reduce((sum, count) => sum + count, 0)
  const counts = voice.say('source.counts', {
    source: one.source,
    kind: one.kind,
    seen: one.seen ?? 0,
    decoded: one.decoded ?? 0,
    refused,
    late: one.late ?? 0,
    dropped: one.dropped ?? 0,
    reconnects: one.reconnects ?? 0,
  })
  const rules = Object.entries(one.refused ?? {}).map(([rule, count]) => `${rule} ${count}`)
  const duty = Object.entries(one.duty ?? {}).map(([name, share]) => `${name} ${voice.percent(share)}`)
  const more = rules.length ? ` (${voice.list(rules)})` : ''
  return counts + more + (duty.length ? `; ${voice.say('source.duty', { duty: voice.list(duty) })}` : '')
}
