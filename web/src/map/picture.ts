// The map itself. Loaded after the list, because the list is what people need first.
import type * as Maplibre from 'maplibre-gl'
import type { FeatureCollection } from 'geojson'
import type { Theme } from '../url'
import type { LonLat } from '../live/words'
import { COLOURS } from './colours'
import { type Ground, type GroundLayer, loadGround } from './ground'
import { icons } from './icons'
import { makeStyle, type Source } from './style'

const WIDE_M_IN_DEGREES = 0.018 // 2 km around the zones
const TAKEN_PX = 8
const EARS: Maplibre.FilterSpecification = ['==', ['get', 'kind'], 'acoustic'] // only these have a panel
const PAINT_MS = 1_000

export class Picture {
  private readonly kept = new Map<Source, FeatureCollection>()
  private constructor(
    private readonly map: Maplibre.Map,
    private borders: boolean,
    private theme: Theme,
    private home: [LonLat, LonLat] | null,
  ) {}

  static async open(container: HTMLElement, theme: Theme, borders: boolean, locale: Record<string, string>): Promise<Picture> {
    const [library, ground] = await Promise.all([loadLibrary(), loadGround()])
    const map = new library.Map({
      container,
      style: makeStyle(COLOURS[theme], borders),
      center: [-12.7, 15.1],
      zoom: 5,
      minZoom: 4,
      maxZoom: 17,
      maxBounds: [[-24, -2], [23, 33]],
      attributionControl: false,
      fadeDuration: 0,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      locale,
    })
    map.touchZoomRotate.disableRotation()
    map.addControl(new library.NavigationControl({ showCompass: false }), 'top-right')
    map.addControl(new library.ScaleControl({ maxWidth: 120 }), 'bottom-left')
    await new Promise<void>((done) => map.once('load', () => done()))
    const picture = new Picture(map, borders, theme, null)
    picture.dress()
    picture.fillGround(ground)
    return picture
  }

  onPick(pick: (found: { track: string | null; sensor: string | null }) => void): void {
    this.map.on('click', (event) => {
      const { x, y } = event.point
      const near: [Maplibre.PointLike, Maplibre.PointLike] = [[x - TAKEN_PX, y - TAKEN_PX], [x + TAKEN_PX, y + TAKEN_PX]]
      const track = this.map.queryRenderedFeatures(near, { layers: ['tracks'] })[0]
      const ears = { layers: ['sensors'], filter: EARS }
      const sensor = track ? undefined : this.map.queryRenderedFeatures(near, ears)[0]
      const id = (feature?: Maplibre.GeoJSONFeature) => (feature ? String(feature.properties.id) : null)
      pick({ track: id(track), sensor: id(sensor) })
    })
    const point = (cursor: string) => (this.map.getCanvas().style.cursor = cursor)
    this.map.on('mousemove', 'tracks', () => point('pointer'))
    this.map.on('mouseleave', 'tracks', () => point(''))
    this.map.on('mousemove', 'sensors', (event) => {
      if (event.features?.some((one) => one.properties.kind === 'acoustic')) point('pointer')
    })
    this.map.on('mouseleave', 'sensors', () => point(''))
  }

  show(source: Source, data: FeatureCollection): void {
    this.kept.set(source, data)
    this.map.getSource<Maplibre.GeoJSONSource>(source)?.setData(data)
  }

  /** Resolves when what was shown has been painted, or after a while. */
  painted(): Promise<void> {
    return new Promise((done) => {
      const late = window.setTimeout(done, PAINT_MS)
      this.map.once('idle', () => {
        window.clearTimeout(late)
        done()
      })
    })
  }

  setTheme(theme: Theme): void {
    if (theme === this.theme) return
    this.theme = theme
    this.map.setStyle(makeStyle(COLOURS[theme], this.borders), { diff: false })
    this.map.once('styledata', () => {
      this.dress()
      for (const [source, data] of this.kept) this.show(source, data)
    })
  }

  setHome(rings: LonLat[][]): void {
    const points = rings.flat()
    if (points.length === 0) return
    const lons = points.map(([lon]) => lon)
    const lats = points.map(([, lat]) => lat)
    this.home = [
      [Math.min(...lons) - WIDE_M_IN_DEGREES, Math.min(...lats) - WIDE_M_IN_DEGREES],
      [Math.max(...lons) + WIDE_M_IN_DEGREES, Math.max(...lats) + WIDE_M_IN_DEGREES],
    ]
    this.goHome(false)
  }

  goHome(slowly = true): void {
    if (this.home) this.map.fitBounds(this.home, { padding: 12, animate: slowly, duration: 400 })
  }

  /** Bring a place into view if it is outside. */
  reveal(place: LonLat): void {
    if (!this.map.getBounds().contains(place)) this.map.easeTo({ center: place, duration: 400 })
  }

  resize(): void {
    this.map.resize()
  }

  close(): void {
    this.map.remove()
  }

  private dress(): void {
    for (const [name, image] of icons(COLOURS[this.theme])) {
      if (this.map.hasImage(name)) this.map.updateImage(name, image)
      else this.map.addImage(name, image, { pixelRatio: 2 })
    }
  }

  private fillGround(ground: Ground): void {
    for (const layer of Object.keys(ground) as GroundLayer[]) this.show(layer, ground[layer])
  }
}

async function loadLibrary(): Promise<typeof Maplibre> {
  const sheet = document.createElement('link')
  sheet.rel = 'stylesheet'
  sheet.href = `${__MAPLIBRE_FOLDER__}/maplibre-gl.css`
  document.head.append(sheet)
  const address = `${__MAPLIBRE_FOLDER__}/maplibre-gl.mjs`
  const library = (await import(/* @vite-ignore */ address)) as typeof Maplibre
  library.setWorkerUrl(`${__MAPLIBRE_FOLDER__}/maplibre-gl-worker.mjs`)
  return library
}
