// What the desk may order of the bells, and what it is told of them (serve/acts.py).
export interface Channel {
  channel: string
  backlog?: number
  consecutive_failures?: number
  last_success_t?: number
  last_failure_t?: number
  last_detail?: string
}
export interface HeldBack {
  alert: string
  channel: string
  why: 'approval' | 'pause' | 'quiet-hours' | 'cool-down'
}
export interface Pause {
  until_t: number
  zone?: string
  channel?: string
  alarms?: boolean
  why?: string
  who?: string
}
export interface Load {
  hour?: number
  day?: number
  most_in_10_min?: number
  flood?: boolean
}
export interface Bells {
  channels: Channel[]
  held: HeldBack[]
  pauses: Pause[]
  load: Load
}

const path = (name: string) => encodeURIComponent(name)

async function order(method: string, address: string, body?: unknown): Promise<boolean> {
  try {
    const answer = await fetch(address, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
    return answer.ok
  } catch {
    return false
  }
}

export async function readBells(): Promise<Bells | null> {
  try {
    const answer = await fetch('/api/v1/bells')
    return answer.ok ? ((await answer.json()) as Bells) : null
  } catch {
    return null
  }
}

export const approve = (alert: string) => order('POST', `/api/v1/alerts/${path(alert)}/approve`)
export const end = (alert: string, how: 'all-clear' | 'correction') =>
  order('POST', `/api/v1/alerts/${path(alert)}/end`, { how })
export const test = (channel: string) => order('POST', `/api/v1/channels/${path(channel)}/test`)
export const drill = (zone: string) => order('POST', '/api/v1/drills', { zone })
export const pause = (minutes: number, zone: string | null, channel: string | null) =>
  order('POST', '/api/v1/pauses', { minutes, zone, channel })
export const resume = (one: Pause) => {
  const query = new URLSearchParams()
  if (one.zone) query.set('zone', one.zone)
  if (one.channel) query.set('channel', one.channel)
  return order('DELETE', `/api/v1/pauses?${query}`)
}
