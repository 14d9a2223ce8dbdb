import { BatchType } from '@millrace/frame'
import { type EcsWorld, WORLD_SIZE } from './world.ts'

/** A system that goes through entities from one to another, and can stop between any two. */
export interface EcsSystem {
  readonly type: BatchType
  /** Which entities, when it begins. */
  entities(world: EcsWorld): ArrayLike<number>
  update(world: EcsWorld, entities: ArrayLike<number>, from: number, to: number): void
}

/** In a crowd nobody touches more than so many. */
const MOST_CONTACTS = 8

/** Where it is seen from, how far, and the half of the angle. */
const CAMERA = { x: WORLD_SIZE / 2, y: WORLD_SIZE / 2, far: WORLD_SIZE / 3, halfAngle: 0.6 }
const LEVELS = [50, 120, 250] as const
/** So much nearer or farther an entity must be than the bound of its level, before it changes. */
const HYSTERESIS = 5

/** In the order of their lanes. */
export const ecsSystems: readonly EcsSystem[] = [
  { type: BatchType.Transform, entities: ({ placed }) => placed, update: move },
  { type: BatchType.Visibility, entities: ({ placed }) => placed, update: cull },
  { type: BatchType.Physics, entities: beginCollisions, update: collide },
  { type: BatchType.LOD, entities: ({ placed }) => placed, update: chooseLevels },
  { type: BatchType.AI, entities: ({ thinking }) => thinking, update: think },
]

function move(world: EcsWorld, entities: ArrayLike<number>, from: number, to: number): void {
  const { x, y, vx, vy, yaw, matrix, radius } = world
  for (let index = from; index < to; index++) {
    const entity = entities[index]!
    x[entity] = wrapped(x[entity]! + vx[entity]!)
    y[entity] = wrapped(y[entity]! + vy[entity]!)
    yaw[entity] = yaw[entity]! * 0.9 + Math.atan2(vy[entity]!, vx[entity]!) * 0.1
    const [cos, sin] = [Math.cos(yaw[entity]!), Math.sin(yaw[entity]!)]
    const scale = radius[entity]!
    const place = entity * 6
    matrix[place] = cos * scale
    matrix[place + 1] = sin * scale
    matrix[place + 2] = -sin * scale
    matrix[place + 3] = cos * scale
    matrix[place + 4] = x[entity]!
    matrix[place + 5] = y[entity]!
  }
}

/** Circles against a cone. */
function cull(world: EcsWorld, entities: ArrayLike<number>, from: number, to: number): void {
  const { x, y, radius, visible } = world
  const [cos, sin] = [Math.cos(CAMERA.halfAngle), Math.sin(CAMERA.halfAngle)]
  for (let index = from; index < to; index++) {
    const entity = entities[index]!
    const dx = x[entity]! - CAMERA.x
    const dy = y[entity]! - CAMERA.y
    const reach = radius[entity]!
    const outside = dx > CAMERA.far + reach || sin * dx - cos * dy < -reach || sin * dx + cos * dy < -reach
    visible[entity] = outside ? 0 : 1
  }
}

function beginCollisions(world: EcsWorld): ArrayLike<number> {
  world.lastIn.fill(0)
  return world.bodies
}

/** Each body meets those that came into its cell before. */
function collide(world: EcsWorld, entities: ArrayLike<number>, from: number, to: number): void {
  const { x, y, vx, vy, radius, cells, lastIn, neighbour } = world
  for (let index = from; index < to; index++) {
    const entity = entities[index]!
    const cell = cellAt(cells, x[entity]!) * cells + cellAt(cells, y[entity]!)
    let other = lastIn[cell]!
    for (let contacts = 0; other !== 0 && contacts < MOST_CONTACTS; contacts++) {
      const dx = x[other]! - x[entity]!
      const dy = y[other]! - y[entity]!
      const touch = radius[entity]! + radius[other]!
      const distance = dx * dx + dy * dy
      if (distance < touch * touch && distance > 0) {
        const push = (0.01 * (touch - Math.sqrt(distance))) / touch
        vx[entity] = vx[entity]! - dx * push
        vy[entity] = vy[entity]! - dy * push
        vx[other] = vx[other]! + dx * push
        vy[other] = vy[other]! + dy * push
      }
      other = neighbour[other]!
    }
    neighbour[entity] = lastIn[cell]!
    lastIn[cell] = entity
  }
}

function chooseLevels(world: EcsWorld, entities: ArrayLike<number>, from: number, to: number): void {
  const { x, y, visible, level } = world
  for (let index = from; index < to; index++) {
    const entity = entities[index]!
    const [dx, dy] = [x[entity]! - CAMERA.x, y[entity]! - CAMERA.y]
    const distance = Math.sqrt(dx * dx + dy * dy) * (visible[entity] === 1 ? 1 : 2)
    let now = level[entity]!
    while (now < LEVELS.length && distance > LEVELS[now]! + HYSTERESIS) now++
    while (now > 0 && distance < LEVELS[now - 1]! - HYSTERESIS) now--
    level[entity] = now
  }
}

/** New paths are new objects, so that there is garbage as games have it. */
function think(world: EcsWorld, entities: ArrayLike<number>, from: number, to: number): void {
  const { x, y, vx, vy, agents } = world
  for (let index = from; index < to; index++) {
    const entity = entities[index]!
    const agent = agents[entity]!
    const next = agent.path[0]
    if (next === undefined) {
      const step = 10 * agent.patience
      agent.state = agent.state === 'idle' ? 'roam' : 'idle'
      agent.path = [1, 2, 3].map((leg) => ({
        x: wrapped(x[entity]! + leg * step * Math.sign(vx[entity]!)),
        y: wrapped(y[entity]! + leg * step * Math.sign(vy[entity]!)),
      }))
      continue
    }
    const dx = next.x - x[entity]!
    const dy = next.y - y[entity]!
    const distance = Math.sqrt(dx * dx + dy * dy)
    if (distance < 5 || distance > WORLD_SIZE / 2) {
      agent.path = agent.path.slice(1)
      continue
    }
    const pull = agent.state === 'roam' ? 0.05 : 0.02
    vx[entity] = vx[entity]! * (1 - pull) + (dx / distance) * pull
    vy[entity] = vy[entity]! * (1 - pull) + (dy / distance) * pull
  }
}

function wrapped(place: number): number {
  return place < 0 ? place + WORLD_SIZE : place >= WORLD_SIZE ? place - WORLD_SIZE : place
}

function cellAt(cells: number, place: number): number {
  return Math.min(cells - 1, Math.floor((place / WORLD_SIZE) * cells))
}
