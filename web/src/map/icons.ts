// The marks on the map, drawn at start and again when the light changes: no sprite file is fetched.
import type { Colours } from './colours'
import type { Tone } from './features'

export const SIZE = 40 // device pixels, drawn at half: sharp on dense screens
const FORMS = ['arrow', 'dot', 'bird', 'aircraft'] as const
// Seen from above, nose to the north; the left half is the right one's mirror.
const AIRCRAFT = [
  [20, 3], [23, 8], [23, 15], [37, 23], [37, 27], [23, 23.5], [22.5, 31], [27, 35], [27, 37.5], [20, 35.5],
] as const // prettier-ignore
const TONES: Tone[] = ['alarm', 'warning', 'watch', 'clear', 'suspect', 'bird', 'other']

type Form = (typeof FORMS)[number]

function trace(form: Form, pen: CanvasRenderingContext2D): void {
  pen.beginPath()
  if (form === 'arrow') {
    pen.moveTo(20, 4)
    pen.lineTo(33, 34)
    pen.lineTo(20, 27)
    pen.lineTo(7, 34)
    pen.closePath()
  } else if (form === 'dot') {
    pen.arc(20, 20, 10, 0, 2 * Math.PI)
  } else if (form === 'aircraft') {
    for (const [x, y] of AIRCRAFT) pen.lineTo(x, y)
    for (const [x, y] of [...AIRCRAFT].reverse()) pen.lineTo(40 - x, y)
    pen.closePath()
  } else {
    pen.moveTo(6, 24)
    pen.quadraticCurveTo(14, 14, 20, 23)
    pen.quadraticCurveTo(26, 14, 34, 24)
  }
}

function draw(form: Form, filled: boolean, colour: string, halo: string): ImageData {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = SIZE
  const pen = canvas.getContext('2d')!
  pen.lineJoin = pen.lineCap = 'round'
  trace(form, pen)
  pen.lineWidth = form === 'bird' ? 5 : 7
  pen.strokeStyle = halo
  pen.stroke()
  if (form !== 'bird') {
    pen.fillStyle = filled ? colour : halo
    pen.fill()
  }
  pen.lineWidth = form === 'bird' || form === 'aircraft' ? 2.5 : 3.5
  pen.strokeStyle = colour
  if (!filled && (form === 'arrow' || form === 'dot')) pen.setLineDash([5, 4]) // others are too fine
  pen.stroke()
  return pen.getImageData(0, 0, SIZE, SIZE)
}

export function* icons(colours: Colours): Generator<[name: string, image: ImageData]> {
  for (const form of FORMS) {
    for (const tone of TONES) {
      for (const filled of [true, false]) {
        const name = `${form}-${tone}-${filled ? 'filled' : 'hollow'}`
        yield [name, draw(form, filled, colours[tone], colours.halo)]
      }
    }
  }
}
