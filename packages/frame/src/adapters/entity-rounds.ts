import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger } from '@millrace/kernel/options'
import type { BatchSystem } from '../system/batch-system.ts'
import type { SystemFrame } from '../system/system-frame.ts'

/** What makes a system of a query, whichever library's: all that a system has but `run`, and what to do with an entity. */
export interface EntitySystemOptions<Entity extends number, Lane extends string>
  extends Omit<BatchSystem<void, void, Lane>, 'run' | 'feature' | 'decode'> {
  /** What reports and traces call it. @default the name of `each` */
  readonly name?: string
  /**
   * Called for each entity in turn. A round may take several frames: `frame.deltaMs` is then not the time since the entity was
   * visited last.
   */
  readonly each: (entity: Entity, frame: SystemFrame) => void
  /** Entities that are visited in one step, which cannot be interrupted; at least 1. @default 256 */
  readonly chunk?: number
}

/** A query of one world. Nothing here allocates but {@link EntityQuery.entities}; all else is O(1). */
export interface EntityQuery<Entity extends number> {
  /** How many entities match. */
  readonly size: number
  /** False when the world was reset, or the query removed, since `entities` was called. */
  readonly isCurrent: boolean
  /** Those that match, in a list that is read before anything else happens. */
  entities(): ArrayLike<Entity>
  /** Whether an entity that `entities` gave matches now. */
  has(entity: Entity): boolean
}

/** Stands for memory that a round has in use. */
const TAKEN = new Int32Array(0)

/** Makes a system whose job is one round through the entities of `query`. */
export function entityRounds<Entity extends number, Lane extends string>(
  query: EntityQuery<Entity>,
  options: EntitySystemOptions<Entity, Lane>,
): BatchSystem<void, void, Lane> {
  const { each, chunk = 256, ...system } = options
  checkInteger('querySystem', 'chunk', chunk, { min: 1 })
  if (typeof each !== 'function') {
    const message = `querySystem: each must be a function of an entity and the frame, not ${String(each)}`
    throw new MillraceError('OPTION_INVALID', message, {
      detail: { owner: 'querySystem', option: 'each', value: each },
    })
  }
  // Both libraries number entities by 32 bits with a sign.
  let spare = TAKEN

  function* round(frame: SystemFrame): Generator<undefined, void, void> {
    const entities = query.entities()
    const count = entities.length
    const mine = spare.length < count ? new Int32Array(Math.ceil(count * 1.25)) : spare
    // A round that is submitted while another is under way must not write over it.
    spare = TAKEN
    mine.set(entities)
    try {
      for (let at = 0; at < count; ) {
        // Nothing is allocated here, and no list of the library's is read, which would change meanwhile.
        for (const end = Math.min(at + chunk, count); at < end; at++) {
          const entity = mine[at] as Entity
          if (query.has(entity)) each(entity, frame)
        }
        if (at < count) yield
        if (!query.isCurrent) return
      }
    } finally {
      spare = mine
    }
  }

  return { ...system, name: system.name ?? each.name, run: round, feature: () => query.size }
}
