import { addComponents, addEntity, createWorld, query, removeEntity } from 'bitecs'
import { seededRandom } from '../harness/random.ts'

/** How wide the square is in which everything moves. */
export const WORLD_SIZE = 1000

/** Bodies that a cell has, in the mean. */
const BODIES_A_CELL = 1
const BODY_SHARE = 0.5
const AGENT_SHARE = 0.25

export interface Agent {
  state: 'idle' | 'roam'
  /** Points to go to, the next first. */
  path: readonly { readonly x: number; readonly y: number }[]
  readonly patience: number
}

/** A bitECS world whose entities move, are seen, collide, have levels of detail, and think. */
export class EcsWorld {
  readonly x: Float32Array
  readonly y: Float32Array
  readonly vx: Float32Array
  readonly vy: Float32Array
  readonly yaw: Float32Array
  readonly radius: Float32Array
  /** Six numbers an entity. */
  readonly matrix: Float32Array
  readonly visible: Uint8Array
  readonly level: Uint8Array
  /** A grid of so many cells a side; the body that came last into each; and, by body, the one before it. */
  readonly cells: number
  readonly lastIn: Int32Array
  readonly neighbour: Int32Array
  readonly agents: (Agent | undefined)[] = []

  readonly #world = createWorld()
  readonly #placed = {}
  readonly #body = {}
  readonly #agent = {}
  readonly #random = seededRandom(31)

  /** @param capacity most entities that it will ever have at once */
  constructor(capacity: number) {
    const length = capacity + 1
    this.x = new Float32Array(length)
    this.y = new Float32Array(length)
    this.vx = new Float32Array(length)
    this.vy = new Float32Array(length)
    this.yaw = new Float32Array(length)
    this.radius = new Float32Array(length)
    this.matrix = new Float32Array(length * 6)
    this.visible = new Uint8Array(length)
    this.level = new Uint8Array(length)
    this.cells = Math.ceil(Math.sqrt((capacity * BODY_SHARE) / BODIES_A_CELL))
    this.lastIn = new Int32Array(this.cells ** 2)
    this.neighbour = new Int32Array(length)
  }

  /** All entities, those that collide, and those that think: each the query's own list, which changes with the world. */
  get placed(): ArrayLike<number> {
    return query(this.#world, [this.#placed])
  }

  get bodies(): ArrayLike<number> {
    return query(this.#world, [this.#body])
  }

  get thinking(): ArrayLike<number> {
    return query(this.#world, [this.#agent])
  }

  /** Adds and removes entities until there are `count`: what the rest of a game does between frames. */
  resize(count: number): void {
    const entities = this.placed
    for (let missing = count - entities.length; missing > 0; missing--) this.#spawn()
    for (let extra = this.placed.length - count; extra > 0; extra--) {
      removeEntity(this.#world, entities[Math.floor(this.#random() * entities.length)]!)
    }
  }

  #spawn(): void {
    const random = this.#random
    const entity = addEntity(this.#world)
    const components = [this.#placed]
    if (random() < BODY_SHARE) components.push(this.#body)
    if (random() < AGENT_SHARE) {
      components.push(this.#agent)
      this.agents[entity] = { state: 'idle', path: [], patience: 1 + Math.floor(random() * 8) }
    }
    addComponents(this.#world, entity, components)
    this.x[entity] = random() * WORLD_SIZE
    this.y[entity] = random() * WORLD_SIZE
    this.vx[entity] = random() * 2 - 1
    this.vy[entity] = random() * 2 - 1
    this.radius[entity] = 0.5 + random()
  }
}
