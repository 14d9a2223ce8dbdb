import { MillraceError } from '@millrace/kernel/errors'
import {
  $internal,
  commitRemovals,
  type EntityId,
  type InternalWorld,
  type Query,
  type QueryTerm,
  registerQuery,
  type World,
} from 'bitecs'
import type { BatchType } from '../batch-type.ts'
import type { BatchSystem } from '../system/batch-system.ts'
import { type EntityQuery, type EntitySystemOptions, entityRounds } from './entity-rounds.ts'

export { type WorldSystemOptions, worldSystem } from './world-system.ts'

/** What {@link querySystem} takes. */
export interface QuerySystemOptions<Lane extends string = BatchType> extends EntitySystemOptions<EntityId, Lane> {
  /** Components, and `Or`, `And`, `Not` of components, at least one term; no `Hierarchy`. */
  readonly query: readonly QueryTerm[]
}

/**
 * Makes a system of a bitECS query. Each job of it is a round: `each` is called for every entity that matched when the round
 * began and still matches when its turn comes, once, in steps of `chunk` entities, across frames where one is not enough.
 *
 * What came to match meanwhile waits for the next round. An id that was recycled meanwhile is the same entity to bitECS, unless
 * the world has `withVersioning`. A round ends early when its world is reset. Its cost is learned over the number of entities.
 * O(1) an entity, which allocates nothing; a round allocates its generator and what each step of one does, and room for its
 * entities only where it has more than any before.
 * @throws {MillraceError} `OPTION_INVALID` where `query`, `each` or `chunk` cannot be used.
 */
export function querySystem<Lane extends string = BatchType>(
  world: World,
  options: QuerySystemOptions<Lane>,
): BatchSystem<void, void, Lane> {
  const { query, ...system } = options
  return entityRounds(new BitecsQuery(world, query), system)
}

/** The mark of a `Hierarchy` term, by which bitECS knows it too. */
const HIERARCHY = Symbol.for('bitecs-hierarchyType')

class BitecsQuery implements EntityQuery<EntityId> {
  readonly #world: World
  readonly #terms: QueryTerm[]
  /** A query of its own: bitECS keeps it up to date with every change, and shows nobody those that it made for itself. */
  #query: Query
  /** The query that the round at hand began with. */
  #begun: Query

  constructor(world: World, terms: readonly QueryTerm[]) {
    this.#world = world
    this.#terms = [...terms]
    const isOrdered = terms.some((term) => term !== null && typeof term === 'object' && HIERARCHY in term)
    if (isOrdered || terms.length === 0) {
      const found = isOrdered ? 'a Hierarchy, whose order is one of a moment' : 'nothing'
      throw new MillraceError('OPTION_INVALID', `querySystem: query must be of components, and has ${found}`, {
        detail: { owner: 'querySystem', option: 'query', value: terms },
      })
    }
    this.#query = registerQuery(world, this.#terms)
    this.#begun = this.#query
  }

  get size(): number {
    const { dense, toRemove } = this.#live()
    return dense.length - toRemove.dense.length
  }

  get isCurrent(): boolean {
    return this.#knows(this.#begun)
  }

  entities(): ArrayLike<EntityId> {
    this.#begun = this.#live()
    commitRemovals(this.#world)
    return this.#begun.dense
  }

  // Not by bitECS's own `has`: where a set has no place for an entity, it goes on with the place "undefined", which is slow.
  has(entity: EntityId): boolean {
    const { toRemove } = this.#begun
    return holds(this.#begun, entity) && (toRemove.dense.length === 0 || !holds(toRemove, entity))
  }

  #live(): Query {
    if (!this.#knows(this.#query)) this.#query = registerQuery(this.#world, this.#terms)
    return this.#query
  }

  /** A world that was reset, or told to remove the query, keeps it up to date no longer. */
  #knows(query: Query): boolean {
    return (this.#world as InternalWorld)[$internal].queries.has(query)
  }
}

function holds({ sparse, dense }: Pick<Query, 'sparse' | 'dense'>, entity: EntityId): boolean {
  const place = sparse[entity]
  return place !== undefined && dense[place] === entity
}
