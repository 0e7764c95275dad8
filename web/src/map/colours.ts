// What each light draws the map in. The words of the levels are in the list; here shape helps too.
import type { Theme } from '../url'

export interface Colours {
  water: string
  land: string
  coast: string
  river: string
  border: string
  town: string
  halo: string
  ring: string
  zone: string
  cover: string
  hole: string
  alarm: string
  warning: string
  watch: string
  clear: string
  suspect: string
  bird: string
  other: string
}

export const COLOURS: Record<Theme, Colours> = {
  day: {
    water: '#cfe0e6', land: '#f3f1ea', coast: '#557682', river: '#79a9bb', border: '#9a8f84',
    town: '#4e5a55', halo: '#f3f1ea', ring: '#a4aca6', zone: '#0b5670', cover: '#2f7d5b',
    hole: '#b3121a', alarm: '#b3121a', warning: '#c26a00', watch: '#1b5794', clear: '#1e6b37',
    suspect: '#76338a', bird: '#8a938d', other: '#52605a',
  },
  night: {
    water: '#0b1a22', land: '#161c1f', coast: '#6d8896', river: '#2f5d72', border: '#57534d',
    town: '#a3b1ab', halo: '#161c1f', ring: '#3d484e', zone: '#7cc4dc', cover: '#4fa27c',
    hole: '#ff7b73', alarm: '#ff5f57', warning: '#f0a83a', watch: '#86bff3', clear: '#7fd095',
    suspect: '#d6a6ec', bird: '#7d8a84', other: '#a3b1ab',
  },
  red: {
    water: '#000000', land: '#0d0202', coast: '#93312a', river: '#4a1210', border: '#4a1210',
    town: '#d94a3e', halo: '#0d0202', ring: '#3d0e0c', zone: '#ff6152', cover: '#7d211b',
    hole: '#ff8c7d', alarm: '#ff8c7d', warning: '#ff6152', watch: '#e04f43', clear: '#b8382f',
    suspect: '#e04f43', bird: '#7d211b', other: '#b8382f',
  },
}
