import { seededRandom } from '@millrace/kernel/seeded-random'
import { KINDS, type KindName } from './kinds.ts'
import { lettering, SET_PIECES, type SetPiece } from './set-pieces.ts'
import { UNIT } from './shapes.ts'

/** How high the hall is, in its own unit of length; how wide it is follows from the window. */
export const HALL_HEIGHT = 1000

/** Planes of the hall, the farthest first: where the floor is, and how large things seem. */
export const PLANES = [
  { floor: 790, scale: 0.7 },
  { floor: 868, scale: 0.85 },
  { floor: 952, scale: 1 },
] as const

/** Between set pieces at least, in units. */
const MARGIN = 0.8

/** Where an object begins: its middle, in the hall. */
export interface Place {
  readonly kind: KindName
  readonly variant: number
  readonly plane: number
  readonly x: number
  readonly y: number
  readonly scale: number
  /** Hung from above. */
  readonly hangs: boolean
}

/** Lays out exactly `count` objects in a hall so wide: as large as fits. The same seed gives the same hall. */
export function layOut(count: number, width: number, seed: number): Place[] {
  for (let unit = 60; ; unit *= 0.965) {
    const places = fillHall(unit, width, seededRandom(seed))
    if (places.length < count && unit > 3) continue
    return places.sort((a, b) => rankOf(a) - rankOf(b) || b.y - a.y).slice(0, count)
  }
}

const ORNAMENTS: ReadonlySet<KindName> = new Set<KindName>(['vase', 'gem', 'heart', 'cog', 'star'])

/** Those of the highest rank are left out first, the highest of them before the others: nothing stands on them. */
function rankOf({ kind, plane, hangs }: Place): number {
  if (hangs) return 0
  return ORNAMENTS.has(kind) && plane === 0 ? 2 : 1
}

function fillHall(unit: number, width: number, random: () => number): Place[] {
  const places: Place[] = []
  const put = (kind: KindName, plane: number, x: number, y: number, hangs = false) => {
    const scale = (unit * PLANES[plane]!.scale) / UNIT
    places.push({ kind, variant: Math.floor(random() * KINDS[kind].variants), plane, x, y, scale, hangs })
  }
  let next = Math.floor(random() * SET_PIECES.length)
  for (const [plane, { floor, scale }] of PLANES.entries()) {
    const size = unit * scale
    const set = (piece: SetPiece, left: number) => {
      for (const { kind, x, y } of piece.objects) put(kind, plane, left + x * size, floor - y * size)
    }
    const fillBetween = (from: number, to: number) => {
      const pieces: SetPiece[] = []
      let free = to - from
      for (let tries = 0; tries < SET_PIECES.length; tries++) {
        const piece = SET_PIECES[next++ % SET_PIECES.length]!(random)
        const needs = (piece.width + MARGIN) * size
        if (needs > free) continue
        pieces.push(piece)
        free -= needs
        tries = 0
      }
      const gap = free / (pieces.length + 1)
      let left = from + gap
      for (const piece of pieces) {
        set(piece, left + (MARGIN / 2) * size)
        left += (piece.width + MARGIN) * size + gap
      }
    }
    const word = lettering('MILLRACE')
    if (plane === 2 && word.width * size < width * 0.86) {
      const side = (width - word.width * size) / 2
      fillBetween(0, side)
      set(word, side)
      fillBetween(width - side, width)
    } else fillBetween(width * 0.02, width * 0.98)
    const lamps = Math.max(2, Math.round(width / 260))
    for (let lamp = 0; lamp < lamps; lamp++) {
      const x = ((lamp + 0.2 + 0.6 * random()) / lamps) * width
      put(plane === 1 && lamp % 2 === 1 ? 'star' : 'lantern', plane, x, 90 + random() * 190, true)
    }
  }
  return places
}
