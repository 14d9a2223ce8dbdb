import { crc32, deflateSync } from 'node:zlib'

export interface Pixels {
  readonly width: number
  readonly height: number
  /** Four bytes a pixel, row by row. */
  readonly rgba: Uint8Array
}

/** The bits of each colour that are kept when colours are counted. */
const BITS = 5
const MOST_COLOURS = 256
/** So many are the most frequent ones; the others those that are least like them, or the few pixels of a sign would lose theirs. */
const FREQUENT = 192

/** A picture as PNG in 256 of its colours, which makes the file of a busy one a third. */
export function indexedPng({ width, height, rgba }: Pixels): Buffer {
  const coarseOf = (at: number) =>
    ((rgba[at]! >> (8 - BITS)) << (2 * BITS)) | ((rgba[at + 1]! >> (8 - BITS)) << BITS) | (rgba[at + 2]! >> (8 - BITS))
  const sums = new Map<number, { r: number; g: number; b: number; count: number }>()
  for (let at = 0; at < rgba.length; at += 4) {
    const coarse = coarseOf(at)
    const sum = sums.get(coarse) ?? { r: 0, g: 0, b: 0, count: 0 }
    sums.set(coarse, { r: sum.r + rgba[at]!, g: sum.g + rgba[at + 1]!, b: sum.b + rgba[at + 2]!, count: sum.count + 1 })
  }
  const mean = ({ r, g, b, count }: { r: number; g: number; b: number; count: number }) => [
    r / count,
    g / count,
    b / count,
  ]
  const colours = [...sums.values()].sort((a, b) => b.count - a.count).map(mean)
  const palette = colours.slice(0, FREQUENT)
  const unlike = colours.map((colour) => Math.min(...palette.map((other) => apart(colour, other))))
  while (palette.length < Math.min(MOST_COLOURS, colours.length)) {
    const added = colours[unlike.indexOf(Math.max(...unlike))]!
    palette.push(added)
    colours.forEach((colour, at) => {
      unlike[at] = Math.min(unlike[at]!, apart(colour, added))
    })
  }
  const nearest = new Map<number, number>()
  for (const [coarse, sum] of sums) nearest.set(coarse, nearestIn(palette, mean(sum)))

  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = nearest.get(coarseOf((y * width + x) * 4))!
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // Eight bits, indexed.
  header.set([8, 3], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flat().map(Math.round))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function nearestIn(palette: readonly number[][], colour: readonly number[]): number {
  const all = palette.map((candidate) => apart(candidate, colour))
  return all.indexOf(Math.min(...all))
}

function apart(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, part, index) => sum + (part - other[index]!) ** 2, 0)
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(typed.length + 8)
  framed.writeUInt32BE(data.length, 0)
  typed.copy(framed, 4)
  framed.writeUInt32BE(crc32(typed), typed.length + 4)
  return framed
}
