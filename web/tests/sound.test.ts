import { describe, expect, it } from 'vitest'
import { SCORES, type Sound } from '../src/sound/bell'

const SOUNDS = Object.keys(SCORES) as Sound[]

// What an ear tells sounds apart by: how many notes, which pitches, how they are made, how fast.
const traits = (sound: Sound) => {
  const { notes, every_s } = SCORES[sound]
  const period = notes.length > 1 ? notes[1]!.at_s - notes[0]!.at_s : every_s
  return {
    pitches: new Set(notes.map((note) => note.hz)).size,
    timbre: notes[0]!.timbre,
    onsets_a_second: 1 / period,
    longest_s: Math.max(...notes.map((note) => note.seconds)),
  }
}

describe('the four sounds', () => {
  it('are four', () => {
    expect(SOUNDS).toEqual(['alarm', 'drill', 'warning', 'all-clear'])
  })
  it('differ in more than one way from each other', () => {
    for (const [i, one] of SOUNDS.entries()) {
      for (const other of SOUNDS.slice(i + 1)) {
        const [a, b] = [traits(one), traits(other)]
        const ways = [
          a.pitches !== b.pitches,
          a.timbre !== b.timbre,
          Math.max(a.onsets_a_second / b.onsets_a_second, b.onsets_a_second / a.onsets_a_second) >= 1.4,
          Math.max(a.longest_s / b.longest_s, b.longest_s / a.longest_s) >= 2,
          SCORES[one].notes[0]!.hz / SCORES[other].notes[0]!.hz >= 1.4 || SCORES[other].notes[0]!.hz / SCORES[one].notes[0]!.hz >= 1.4,
          SCORES[one].notes[0]!.loudness / SCORES[other].notes[0]!.loudness >= 3,
        ].filter(Boolean)
        expect(ways.length, `${one} and ${other}`).toBeGreaterThanOrEqual(2)
      }
    }
  })
  it('make the alarm the loudest and fastest', () => {
    for (const sound of SOUNDS.filter((one) => one !== 'alarm')) {
      expect(SCORES.alarm.notes[0]!.loudness).toBeGreaterThan(SCORES[sound].notes[0]!.loudness)
      expect(traits('alarm').onsets_a_second).toBeGreaterThan(traits(sound).onsets_a_second)
    }
  })
})
