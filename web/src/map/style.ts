// The map's layers, from the ground up. Sources are filled elsewhere; nothing is fetched.
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl'
import type { Colours } from './colours'

export const SOURCES = [
  'land', 'lakes', 'rivers', 'coast', 'borders', 'towns', 'rings', 'cover', 'zones', 'sensors', 'tails', 'errors', 'tracks',
] as const // prettier-ignore
export type Source = (typeof SOURCES)[number]

const FONT = ['system-ui']
const byZoom = (...stops: number[]): ExpressionSpecification => ['interpolate', ['linear'], ['zoom'], ...stops]

function tone(colours: Colours): ExpressionSpecification {
  return [
    'match', ['get', 'tone'],
    'alarm', colours.alarm, 'warning', colours.warning, 'watch', colours.watch, 'clear', colours.clear,
    'suspect', colours.suspect, 'bird', colours.bird, colours.other,
  ] // prettier-ignore
}

function ground(c: Colours, borders: boolean): LayerSpecification[] {
  const label = { 'text-color': c.town, 'text-halo-color': c.halo, 'text-halo-width': 1.4 }
  return [
    { id: 'water', type: 'background', paint: { 'background-color': c.water } },
    { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': c.land, 'fill-antialias': false } },
    { id: 'lakes', type: 'fill', source: 'lakes', paint: { 'fill-color': c.water } },
    {
      id: 'rivers', type: 'line', source: 'rivers',
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': c.river, 'line-width': byZoom(4, 0.6, 9, 2, 14, 7) },
    },
    { id: 'coast', type: 'line', source: 'coast', paint: { 'line-color': c.coast, 'line-width': 1 } },
    {
      id: 'borders', type: 'line', source: 'borders',
      layout: { visibility: borders ? 'visible' : 'none' },
      paint: {
        'line-color': c.border,
        'line-width': byZoom(4, 0.8, 12, 1.4),
        'line-dasharray': [4, 3],
        'line-opacity': ['case', ['get', 'disputed'], 0.45, 0.85],
      },
    },
    {
      id: 'river-names', type: 'symbol', source: 'rivers', minzoom: 7,
      layout: {
        'symbol-placement': 'line', 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 12,
        'text-letter-spacing': 0.08, 'symbol-spacing': 350, 'text-max-angle': 60, 'text-offset': [0, 1.1],
      },
      paint: { ...label, 'text-color': c.coast },
    },
    {
      id: 'towns', type: 'symbol', source: 'towns',
      filter: ['<=', ['get', 'rank'], ['step', ['zoom'], 2, 5, 4, 6, 6, 7, 8, 8, 10]],
      layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 12, 'text-padding': 4 },
      paint: label,
    },
  ] // prettier-ignore
}

function site(c: Colours): LayerSpecification[] {
  const label = { 'text-color': c.town, 'text-halo-color': c.halo, 'text-halo-width': 1.4 }
  return [
    { id: 'cover', type: 'fill', source: 'cover', filter: ['get', 'alive'], paint: { 'fill-color': c.cover, 'fill-opacity': 0.05 } },
    {
      id: 'holes', type: 'line', source: 'cover', filter: ['!', ['get', 'alive']],
      paint: { 'line-color': c.hole, 'line-width': 1, 'line-dasharray': [2, 3], 'line-opacity': 0.75 },
    },
    { id: 'rings', type: 'line', source: 'rings', paint: { 'line-color': c.ring, 'line-width': 1, 'line-dasharray': [1, 3] } },
    {
      id: 'ring-names', type: 'symbol', source: 'rings', minzoom: 10,
      layout: { 'symbol-placement': 'line', 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 11, 'symbol-spacing': 900 },
      paint: label,
    },
    { id: 'zones', type: 'fill', source: 'zones', paint: { 'fill-color': c.zone, 'fill-opacity': 0.1 } },
    { id: 'zone-edges', type: 'line', source: 'zones', paint: { 'line-color': c.zone, 'line-width': 2 } },
    {
      id: 'zone-names', type: 'symbol', source: 'zones', minzoom: 9, filter: ['==', ['geometry-type'], 'Point'],
      layout: {
        'text-anchor': 'bottom', 'text-offset': [0, -0.3], 'text-allow-overlap': true, 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 13, 'text-max-width': 9 },
      paint: { ...label, 'text-color': c.zone },
    },
    {
      id: 'chosen-sensor', type: 'circle', source: 'sensors', filter: ['get', 'chosen'],
      paint: { 'circle-radius': 11, 'circle-color': 'transparent', 'circle-stroke-color': c.town, 'circle-stroke-width': 2 },
    },
    {
      id: 'sensors', type: 'circle', source: 'sensors', minzoom: 10,
      paint: {
        'circle-radius': byZoom(10, 1.5, 14, 3.5),
        'circle-color': ['case', ['get', 'alive'], c.cover, c.halo],
        'circle-stroke-color': ['case', ['get', 'alive'], c.halo, c.hole],
        'circle-stroke-width': ['case', ['get', 'alive'], 1, 2],
      },
    },
  ] // prettier-ignore
}

function sky(c: Colours): LayerSpecification[] {
  return [
    {
      id: 'tails', type: 'line', source: 'tails', layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': tone(c), 'line-width': ['match', ['get', 'tone'], 'bird', 0.8, 2], 'line-opacity': 0.45 },
    },
    { id: 'errors', type: 'fill', source: 'errors', paint: { 'fill-color': tone(c), 'fill-opacity': ['*', 0.16, ['get', 'strength']] } },
    {
      id: 'error-edges', type: 'line', source: 'errors',
      paint: { 'line-color': tone(c), 'line-width': 1.2, 'line-opacity': ['*', 0.8, ['get', 'strength']] },
    },
    {
      id: 'chosen', type: 'circle', source: 'tracks', filter: ['get', 'chosen'],
      paint: { 'circle-radius': 17, 'circle-color': 'transparent', 'circle-stroke-color': c.town, 'circle-stroke-width': 2 },
    },
    {
      id: 'tracks', type: 'symbol', source: 'tracks',
      layout: {
        'icon-image': ['get', 'icon'],
        'icon-size': ['match', ['get', 'rank'], 0, 1.25, 3, 0.7, 1],
        'icon-rotate': ['get', 'heading'],
        'icon-rotation-alignment': 'map',
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'symbol-sort-key': ['-', 9, ['get', 'rank']],
        'text-field': ['get', 'label'],
        'text-font': FONT,
        'text-size': byZoom(10.5, 0, 10.6, 12), // from afar the mark is enough
        'text-anchor': 'left',
        'text-offset': [1.3, 0],
        'text-justify': 'left',
        'text-optional': true,
      },
      paint: {
        'icon-opacity': ['get', 'strength'],
        'text-opacity': ['get', 'strength'],
        'text-color': c.town,
        'text-halo-color': c.halo,
        'text-halo-width': 1.6,
      },
    },
  ] // prettier-ignore
}

export function makeStyle(colours: Colours, borders: boolean): StyleSpecification {
  const empty = { type: 'FeatureCollection' as const, features: [] }
  return {
    version: 8,
    sources: Object.fromEntries(
      SOURCES.map((name) => [name, { type: 'geojson' as const, data: empty, tolerance: 0.2 }]),
    ),
    layers: [...ground(colours, borders), ...site(colours), ...sky(colours)],
  }
}
