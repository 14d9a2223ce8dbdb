import { seededRandom } from '@millrace/kernel/seeded-random'
import { addEntity, createWorld, type World } from 'bitecs'
import { Cells } from './cells.ts'

const vectors = (count: number) => ({
  x: new Float32Array(count + 1),
  y: new Float32Array(count + 1),
  z: new Float32Array(count + 1),
})

export type Vectors = ReturnType<typeof vectors>

/** What fish there are, as components of bitECS: arrays by entity. */
export interface Components {
  readonly Position: Vectors
  readonly Velocity: Vectors
  /** The velocity that it would have. */
  readonly Wish: Vectors
  /** Where it is going, and until when, in seconds. */
  readonly Course: Vectors & { readonly until: Float32Array; readonly asked: Uint8Array }
  /** Only on those that the camera can see; and since when, in seconds. */
  readonly Visible: { readonly since: Float32Array }
  /** 0 nearby, 2 far away: how bright it is, and how often it thinks. */
  readonly Detail: { readonly level: Uint8Array }
  /** How frightened it is, 0 to 1. */
  readonly Fear: { readonly level: Float32Array }
}

/** What the camera sees: six planes, inwards, and where it stands. */
export interface Sight {
  /** a, b, c, d of each plane. */
  readonly planes: Float32Array
  readonly position: { x: number; y: number; z: number }
}

/** A school of fish that swims in a round, and all that its systems share. */
export interface Sea {
  readonly world: World
  readonly count: number
  /** Of the water: a flat round. */
  readonly radius: number
  readonly depth: number
  readonly components: Components
  readonly cells: Cells
  readonly sight: Sight
  /** What is drawn: an entity's place is its number less 1. */
  readonly matrices: Float32Array
  readonly colours: Float32Array
  /** Seconds since the beginning. */
  seconds: number
  /** Told when a fish wants a new course. */
  onLost: (fish: number) => void
}

/** How far from each other fish are, about. */
const SPACING = 1.55
const FLATNESS = 0.3

/** Makes a sea of `count` fish, always the same ones. */
export function createSea(count: number): Sea {
  const radius = Math.max(8, SPACING * Math.cbrt((0.24 * count) / FLATNESS))
  const depth = radius * FLATNESS
  const components: Components = {
    Position: vectors(count),
    Velocity: vectors(count),
    Wish: vectors(count),
    Course: { ...vectors(count), until: new Float32Array(count + 1), asked: new Uint8Array(count + 1) },
    Visible: { since: new Float32Array(count + 1) },
    Detail: { level: new Uint8Array(count + 1) },
    Fear: { level: new Float32Array(count + 1) },
  }
  const sea: Sea = {
    world: createWorld(),
    count,
    radius,
    depth,
    components,
    cells: new Cells(count, radius * 1.2, depth * 1.2, 2.6),
    // Until somebody looks, all is in sight.
    sight: { planes: new Float32Array(24), position: { x: 0, y: 0, z: radius } },
    matrices: new Float32Array(count * 16),
    colours: new Float32Array(count * 3).fill(0.5),
    seconds: 0,
    onLost: () => {},
  }
  const random = seededRandom(20_240_229)
  for (let index = 0; index < count; index++) spawn(sea, random)
  return sea
}

function spawn({ world, components, cells, radius, depth }: Sea, random: () => number): void {
  const { Position, Velocity, Wish, Course, Detail, Fear } = components
  const fish = addEntity(world, Position, Velocity, Wish, Course, Detail, Fear)
  const angle = random() * 2 * Math.PI
  const away = radius * Math.sqrt(0.12 + 0.78 * random())
  const x = Math.cos(angle) * away
  const z = Math.sin(angle) * away
  const y = (random() + random() - 1) * depth
  Position.x[fish] = x
  Position.y[fish] = y
  Position.z[fish] = z
  Velocity.x[fish] = -Math.sin(angle) * 4
  Velocity.z[fish] = Math.cos(angle) * 4
  Wish.x[fish] = Velocity.x[fish]!
  Wish.z[fish] = Velocity.z[fish]!
  Course.x[fish] = -z
  Course.z[fish] = x
  Course.until[fish] = random() * 8
  cells.move(fish, x, y, z)
}
