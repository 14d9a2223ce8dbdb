import { LETTERS } from './letters.ts'
import { arch, box, gear, heart, round, type Shape, star, trapezoid, turned } from './shapes.ts'

export type Material =
  | 'brick'
  | 'wood'
  | 'stone'
  | 'glass'
  | 'stained'
  | 'brass'
  | 'steel'
  | 'enamel'
  | 'porcelain'
  | 'crystal'
  | 'gold'
  | 'ruby'
  | 'lantern'

/** A kind of object: what outline it has, and of what it is. */
export interface Kind {
  readonly shape: Shape
  readonly material: Material
  /** Pictures of it that differ a little. */
  readonly variants: number
}

const kind = (material: Material, shape: Shape, variants = 2): Kind => ({ material, shape, variants })

/** Everything that can be broken. */
export const KINDS = {
  brick: kind('brick', box(2, 1), 5),
  half: kind('brick', box(1, 1), 3),
  crate: kind('wood', box(2, 2), 4),
  chest: kind('wood', box(3, 3), 2),
  plank: kind('wood', box(6, 0.5), 2),
  block: kind('stone', box(2, 1.5), 4),
  drum: kind('stone', box(1.5, 1.5), 3),
  capital: kind('stone', trapezoid(2.4, 1.5, 0.7), 2),
  slab: kind('stone', box(8, 0.8), 2),
  gable: kind('stone', trapezoid(0.6, 8.4, 2), 1),
  pane: kind('glass', box(0.4, 2.6), 2),
  sheet: kind('glass', box(2.8, 0.4), 2),
  window: kind('stained', arch(3.6, 5.6), 3),
  rose: kind('stained', round(2.2, 24), 2),
  gear: kind('brass', gear(1.5, 10, 0.5), 2),
  cog: kind('steel', gear(1, 8, 0.35), 2),
  star: kind('gold', star(1.3, 5), 2),
  heart: kind('ruby', heart(2.6), 1),
  gem: kind('crystal', trapezoid(1.8, 0.8, 1.6), 3),
  vase: kind('porcelain', turned([0.5, 0.36, 0.34, 0.6, 0.86, 0.94, 0.86, 0.64, 0.42, 0.48], 2.6), 3),
  lantern: kind('lantern', turned([0.25, 0.6, 0.72, 0.72, 0.6, 0.25], 1.9), 2),
  M: kind('enamel', LETTERS.M!, 1),
  I: kind('enamel', LETTERS.I!, 1),
  L: kind('enamel', LETTERS.L!, 1),
  R: kind('enamel', LETTERS.R!, 1),
  A: kind('enamel', LETTERS.A!, 1),
  C: kind('enamel', LETTERS.C!, 1),
  E: kind('enamel', LETTERS.E!, 1),
} as const satisfies Readonly<Record<string, Kind>>

export type KindName = keyof typeof KINDS

/** How a material looks and behaves once it is in pieces. */
export interface Substance {
  /** Kilograms, about, for a square of a brick's height. */
  readonly density: number
  /** Of what flies off when it breaks. */
  readonly dust: number
  readonly spark: number
  /** Light it has of its own, 0 to 1. */
  readonly glow: number
}

export const SUBSTANCES: Readonly<Record<Material, Substance>> = {
  brick: { density: 2, dust: 0xb5735c, spark: 0xffb27a, glow: 0 },
  wood: { density: 0.8, dust: 0xb08a5a, spark: 0xffcf8a, glow: 0 },
  stone: { density: 2.4, dust: 0xa9b4bf, spark: 0xd8e6f2, glow: 0 },
  glass: { density: 1.6, dust: 0xbfeaff, spark: 0xd9f5ff, glow: 0.25 },
  stained: { density: 1.6, dust: 0xd9c8ff, spark: 0xffd7f1, glow: 0.55 },
  brass: { density: 3, dust: 0xd9a95c, spark: 0xffd27a, glow: 0.08 },
  steel: { density: 3, dust: 0x9fb3c4, spark: 0xcfe8ff, glow: 0.06 },
  enamel: { density: 2, dust: 0x7fdcff, spark: 0xa8ecff, glow: 0.5 },
  porcelain: { density: 1.5, dust: 0xe8f0ff, spark: 0xffffff, glow: 0.08 },
  crystal: { density: 2, dust: 0xc9a4ff, spark: 0xe0c8ff, glow: 0.45 },
  gold: { density: 3, dust: 0xffd76a, spark: 0xffe9a8, glow: 0.25 },
  ruby: { density: 2, dust: 0xff7a94, spark: 0xffb0c0, glow: 0.35 },
  lantern: { density: 1, dust: 0xffc46a, spark: 0xffdf9a, glow: 1 },
}
