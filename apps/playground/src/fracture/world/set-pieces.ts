import { KINDS, type KindName } from './kinds.ts'
import { UNIT } from './shapes.ts'

/** An object in its place: the middle of it, in units, from the left and up from the floor. */
export interface Placed {
  readonly kind: KindName
  readonly x: number
  readonly y: number
}

/** Objects that stand together, from 0 to `width` units. */
export interface SetPiece {
  readonly width: number
  readonly objects: readonly Placed[]
}

type Random = () => number
type Maker = (random: Random) => SetPiece

const sizeOf = (kind: KindName) => {
  const { width, height } = KINDS[kind].shape
  return { width: width / UNIT, height: height / UNIT }
}

/** Objects one on top of the other, each with its middle at `x`. Returns how high they reach. */
function stack(objects: Placed[], x: number, y: number, ...kinds: readonly KindName[]): number {
  let top = y
  for (const kind of kinds) {
    const { height } = sizeOf(kind)
    objects.push({ kind, x, y: top + height / 2 })
    top += height
  }
  return top
}

function courses(objects: Placed[], cols: number, rows: number, left = 0): number {
  for (let row = 0; row < rows; row++) {
    const odd = row % 2
    if (odd) stack(objects, left + 0.5, row, 'half')
    for (let col = 0; col < cols - odd; col++) stack(objects, left + 1 + odd + col * 2, row, 'brick')
    if (odd) stack(objects, left + cols * 2 - 0.5, row, 'half')
  }
  return rows
}

function wall(cols: number, rows: number): Maker {
  return (random) => {
    const objects: Placed[] = []
    const top = courses(objects, cols, rows)
    for (let col = 0; col < cols; col++) {
      if (random() < 0.45) stack(objects, 1 + col * 2, top, pick(random, 'vase', 'gem', 'heart', 'vase'))
    }
    return { width: cols * 2, objects }
  }
}

function pyramid(kind: KindName, base: number, crown: KindName): Maker {
  return () => {
    const objects: Placed[] = []
    const { width, height } = sizeOf(kind)
    for (let row = 0; row < base; row++) {
      for (let col = 0; col < base - row; col++) {
        stack(objects, (col + row / 2 + 0.5) * (width + 0.06), row * height, kind)
      }
    }
    stack(objects, (base * (width + 0.06)) / 2, base * height, crown)
    return { width: base * (width + 0.06), objects }
  }
}

/** Columns, an architrave on them, and on that the same again. */
function temple(drums: readonly number[]): Maker {
  return () => {
    const objects: Placed[] = []
    let floor = 0
    for (const count of drums) {
      let top = floor
      for (const x of [1.2, 4.2, 7.2]) {
        top = stack(objects, x, floor, 'block', ...new Array<KindName>(count).fill('drum'), 'capital')
      }
      for (const x of [2.7, 5.7]) stack(objects, x, floor, 'vase')
      floor = stack(objects, 4.2, top, 'slab')
    }
    stack(objects, 4.2, floor, 'gable')
    return { width: 8.4, objects }
  }
}

/** A house of cards, of glass. */
function glasshouse(bays: number, levels: number): Maker {
  return () => {
    const objects: Placed[] = []
    const bay = sizeOf('sheet').width + 0.02
    let top = 0
    for (let level = 0; level < levels; level++) {
      const inset = (level * bay) / 2
      for (let post = 0; post <= bays - level; post++) stack(objects, 0.3 + inset + post * bay, top, 'pane')
      top += sizeOf('pane').height
      for (let at = 0; at < bays - level; at++) stack(objects, 0.3 + inset + (at + 0.5) * bay, top, 'sheet')
      top += sizeOf('sheet').height
    }
    return { width: bays * bay + 0.6, objects }
  }
}

const chapel: Maker = () => {
  const objects: Placed[] = []
  const top = courses(objects, 4, 5)
  stack(objects, 4, top, 'window', 'star')
  for (const x of [1, 7]) stack(objects, x, top, 'drum', 'drum', 'drum', 'capital', 'lantern')
  return { width: 8, objects }
}

/** Gears between posts, on crates. */
const clockwork: Maker = () => {
  const objects: Placed[] = []
  for (const x of [0.75, 11.85]) stack(objects, x, 0, ...new Array<KindName>(7).fill('drum'), 'capital', 'star')
  for (const x of [3.2, 6.3, 9.4]) stack(objects, x, 0, 'chest', 'gear', 'crate', 'cog')
  return { width: 12.6, objects }
}

/** Round windows, one above the other. */
const roses: Maker = () => {
  const objects: Placed[] = []
  const middle = 3.1
  for (const x of [-1.75, 1.75]) stack(objects, middle + x, 0, 'drum', 'drum')
  stack(objects, middle, 0, 'crate')
  let top = stack(objects, middle, 3, 'plank')
  stack(objects, middle, top, 'rose')
  for (const x of [-2.6, 2.6]) stack(objects, middle + x, top, 'pane', 'pane')
  top = stack(objects, middle, top + 2 * sizeOf('pane').height, 'plank')
  stack(objects, middle, top, 'rose')
  return { width: 2 * middle, objects }
}

/** Boards on crates, with things between. */
function shelves(floors: number): Maker {
  return (random) => {
    const objects: Placed[] = []
    let top = 0
    for (let floor = 0; floor < floors; floor++) {
      for (const x of [1, 5]) stack(objects, x, top, 'crate')
      stack(objects, 3, top, pick(random, 'gem', 'lantern', 'cog', 'half'))
      top = stack(objects, 3, top + 2, 'plank')
    }
    for (const x of [1.4, 4.6]) stack(objects, x, top, pick(random, 'vase', 'heart', 'star'))
    return { width: 6, objects }
  }
}

/** A word on a wall of bricks. */
export function lettering(word: string): SetPiece {
  const objects: Placed[] = []
  const kinds = [...word].filter((letter) => letter in KINDS) as KindName[]
  const long = kinds.reduce((sum, kind) => sum + sizeOf(kind).width + 0.55, 0.6)
  const cols = Math.ceil(long / 2)
  const top = courses(objects, cols, 3)
  let x = (cols * 2 - long) / 2 + 0.55
  for (const kind of kinds) {
    const { width } = sizeOf(kind)
    stack(objects, x + width / 2, top, kind)
    x += width + 0.55
  }
  return { width: cols * 2, objects }
}

/** What stands in the hall, besides the word. */
export const SET_PIECES: readonly Maker[] = [
  temple([4, 3]),
  wall(4, 12),
  pyramid('crate', 6, 'star'),
  chapel,
  glasshouse(4, 4),
  shelves(5),
  clockwork,
  wall(3, 16),
  roses,
  pyramid('chest', 3, 'rose'),
  temple([5]),
  glasshouse(2, 2),
  wall(5, 8),
]

function pick<T>(random: Random, ...from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!
}
