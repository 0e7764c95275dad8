// The line to the server: one stream that resumes by itself, and a watch over its silence.
import type { Clock, Envelope, Heard, Snapshot } from './words'

export type LineState = 'joining' | 'live' | 'lost' | 'signed-out'

export interface Listener {
  snapshot(snapshot: Snapshot): void
  envelope(envelope: Envelope): void
  beat(clock: Clock): void
  heard(heard: Heard): void
  line(state: LineState): void
}

const SILENCE_MS = 5_000 // the server sends a beat every second
const RETRY_MS = 2_000
const TOPICS = ['track', 'assessment', 'alert', 'receipt', 'health', 'source', 'authority', 'note'] as const

export class Line {
  private source: EventSource | null = null
  private heardAt = 0
  private watch = 0
  private last = '' // the event seen last: what came after it is told again
  private hearing: string | null = null

  constructor(private readonly listener: Listener) {}

  /** From now on also what this microphone hears; null: none. */
  hearken(sensor: string | null): void {
    if (sensor === this.hearing) return
    this.hearing = sensor
    if (this.source) this.open()
  }

  open(): void {
    this.close()
    this.heardAt = performance.now()
    const query = new URLSearchParams()
    if (this.last) query.set('after', this.last)
    if (this.hearing) query.set('hearing', this.hearing)
    const source = new EventSource(`/api/v1/stream?${query}`)
    this.source = source
    source.addEventListener('snapshot', (event) => this.hear(() => this.listener.snapshot(JSON.parse(event.data)), event))
    source.addEventListener('beat', (event) => this.hear(() => this.listener.beat(JSON.parse(event.data))))
    source.addEventListener('hearing', (event) => this.hear(() => this.listener.heard(JSON.parse(event.data))))
    for (const topic of TOPICS) {
      source.addEventListener(topic, (event) => this.hear(() => this.listener.envelope(JSON.parse(event.data)), event))
    }
    source.addEventListener('error', () => this.fail(source))
    this.watch = window.setInterval(() => this.look(), 1_000)
  }

  close(): void {
    window.clearInterval(this.watch)
    this.source?.close()
    this.source = null
  }

  private hear(tell: () => void, event?: MessageEvent): void {
    this.heardAt = performance.now()
    if (event?.lastEventId) this.last = event.lastEventId
    this.listener.line('live')
    tell()
  }

  private look(): void {
    if (performance.now() - this.heardAt < SILENCE_MS) return
    // A line can be dead without anybody having said so: ask anew.
    this.listener.line('lost')
    this.open()
  }

  private fail(source: EventSource): void {
    if (source !== this.source) return
    this.listener.line('lost')
    if (source.readyState !== EventSource.CLOSED) return // the browser tries again by itself
    this.close()
    void this.askWhy()
  }

  private async askWhy(): Promise<void> {
    if ((await session()) === 'none') return this.listener.line('signed-out')
    this.hearing = null // an unknown sensor is refused: the rest goes on without it
    window.setTimeout(() => this.open(), RETRY_MS)
  }
}

/** Whether this browser is signed in; 'unknown' when the server does not answer. */
export async function session(): Promise<'open' | 'none' | 'unknown'> {
  try {
    const answer = await fetch('/api/v1/session', { cache: 'no-store' })
    return answer.ok ? 'open' : answer.status === 401 ? 'none' : 'unknown'
  } catch {
    return 'unknown'
  }
}

/** Try a token: 'open', 'wrong', 'wait' (too many tries) or 'unknown'. */
export async function signIn(token: string): Promise<'open' | 'wrong' | 'wait' | 'unknown'> {
  try {
    const answer = await fetch('/api/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    if (answer.ok) return 'open'
    return answer.status === 429 ? 'wait' : answer.status < 500 ? 'wrong' : 'unknown'
  } catch {
    return 'unknown'
  }
}

export async function signOut(): Promise<void> {
  await fetch('/api/v1/session', { method: 'DELETE' })
}

export async function acknowledge(alert: string): Promise<boolean> {
  const answer = await fetch(`/api/v1/alerts/${encodeURIComponent(alert)}/acknowledge`, { method: 'POST' })
  return answer.ok
}

/** Hand somebody else's warning on; null, or why it was not. */
export async function relay(id: string): Promise<string | null> {
  try {
    const answer = await fetch(`/api/v1/authorities/${encodeURIComponent(id)}/relay`, { method: 'POST' })
    if (answer.ok) return null
    const told = (await answer.json()) as { detail?: string }
    return told.detail ?? String(answer.status)
  } catch (error) {
    return String(error)
  }
}
