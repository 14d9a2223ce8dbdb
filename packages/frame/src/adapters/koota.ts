import { MillraceError } from '@millrace/kernel/errors'
import {
  $internal,
  createQuery,
  type Entity,
  type Query,
  type QueryInstance,
  type QueryParameter,
  type World,
} from 'koota'
import type { BatchType } from '../batch-type.ts'
import type { BatchSystem } from '../system/batch-system.ts'
import { type EntityQuery, type EntitySystemOptions, entityRounds } from './entity-rounds.ts'

export { type WorldSystemOptions, worldSystem } from './world-system.ts'

/** What {@link querySystem} takes. */
export interface QuerySystemOptions<Lane extends string = BatchType> extends EntitySystemOptions<Entity, Lane> {
  /** Traits, pairs, and modifiers such as `Not`, `Or` or what `createChanged` made, at least one. */
  readonly query: readonly QueryParameter[]
}

/**
 * Makes a system of a koota query. Each job of it is a round: `each` is called for every entity that matched when the round
 * began and still matches when its turn comes, once, in steps of `chunk` entities, across frames where one is not enough.
 *
 * What came to match meanwhile waits for the next round. With `Added`, `Removed` and `Changed`, a round takes what has gathered
 * since the last one, and an entity keeps its turn as long as it lives and has the other traits. A round ends early when its
 * world is reset. Its cost is learned over the number of entities. O(1) an entity, which allocates nothing; a round allocates
 * its generator, what each step of one does, and the list of entities that `world.query` returns.
 * @throws {MillraceError} `OPTION_INVALID` where `query`, `each` or `chunk` cannot be used.
 */
export function querySystem<Lane extends string = BatchType>(
  world: World,
  options: QuerySystemOptions<Lane>,
): BatchSystem<void, void, Lane> {
  const { query, ...system } = options
  return entityRounds(new KootaQuery(world, query), system)
}

class KootaQuery implements EntityQuery<Entity> {
  readonly #world: World
  readonly #query: Query
  /** The query that the round at hand began with. */
  #begun: QueryInstance

  constructor(world: World, parameters: readonly QueryParameter[]) {
    if (parameters.length === 0) {
      throw new MillraceError('OPTION_INVALID', 'querySystem: query must be of traits, and has nothing', {
        detail: { owner: 'querySystem', option: 'query', value: parameters },
      })
    }
    this.#world = world
    this.#query = createQuery(...parameters)
    this.#begun = this.#live()
  }

  get size(): number {
    const { entities, toRemove } = this.#live()
    return entities.length - toRemove.length
  }

  get isCurrent(): boolean {
    return this.#begun === this.#known()
  }

  entities(): readonly Entity[] {
    this.#begun = this.#live()
    return this.#world.query(this.#query)
  }

  has(entity: Entity): boolean {
    const { isTracking, entities, toRemove } = this.#begun
    // A query only of what entities are not keeps the dead.
    if (!this.#world.has(entity)) return false
    // One for what was changed forgets its entities when it is read.
    if (isTracking) return this.#begun.check(this.#world, entity)
    return entities.has(entity) && (toRemove.length === 0 || !toRemove.has(entity))
  }

  #live(): QueryInstance {
    // To listen makes koota keep the query, and does not take what it has gathered, as reading it would.
    if (this.#known() === undefined) this.#world.onQueryAdd(this.#query, () => {})()
    return this.#known()!
  }

  #known(): QueryInstance | undefined {
    return this.#world[$internal].queriesHashMap.get(this.#query.hash)
  }
}
