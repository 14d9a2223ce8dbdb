import { MillraceError } from '@millrace/kernel/errors'
import type { DiscoveredFile } from '../file.ts'
import { type BatchStrategy, costStrategy, type FileBatch } from './batch-strategy.ts'
import type { BatchPriority, PriorityFunction } from './priority.ts'

/** What a plan is made with. Every field is resolved: see `BatchConfig` for what users give. */
export interface PlanInput {
  readonly workers: number
  readonly batchSize: number
  /** Predicted cost of a file in one worker, milliseconds, at least 0. */
  readonly predictMs: (file: DiscoveredFile) => number
  readonly priorityOf: PriorityFunction
  readonly strategy?: BatchStrategy
  /** The first batch's number; the others follow. */
  readonly firstBatchId: number
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

const PRIORITIES: readonly BatchPriority[] = [3, 2, 1, 0]

/**
 * Forms batches: highest priority first; within a priority largest predicted cost first, ties by path, so that the same files give the same
 * batches whatever order they were found in.
 *
 * Every file is in exactly one batch. O(n log n); 100,000 files take well under a second.
 * @throws {MillraceError} `STRATEGY_UNBALANCED` where a custom strategy loses, doubles or invents a file.
 */
export function planBatches<F extends DiscoveredFile>(files: readonly F[], input: PlanInput): FileBatch<F>[] {
  const strategy = input.strategy ?? costStrategy
  const groups = groupByPriority(files, input)
  let costAfter = 0
  for (const group of groups) costAfter += group.totalCost
  const batches: FileBatch<F>[] = []
  for (const group of groups) {
    if (group.files.length === 0) continue
    costAfter -= group.totalCost
    const context = {
      workers: input.workers,
      batchSize: input.batchSize,
      costs: group.costs,
      costAfter: Math.max(0, costAfter),
    }
    const places = new Places(group.files)
    for (const members of strategy.plan(group.files, context)) {
      if (members.length === 0) continue
      let totalSize = 0
      let estimatedMs = 0
      for (const file of members) {
        const place = places.take(file)
        if (place === -1) throw unbalanced(strategy, file, 'is in two batches, or was not given')
        totalSize += file.size
        estimatedMs += group.costs[place]!
      }
      batches.push({
        batchId: input.firstBatchId + batches.length,
        files: members,
        totalSize,
        estimatedMs,
        priority: group.priority,
        createdAt: input.createdAt,
      })
    }
    const left = places.left()
    if (left !== undefined) throw unbalanced(strategy, left, 'is in no batch')
  }
  return batches
}

/**
 * Which of some files have found their place, each once.
 *
 * PERF: a strategy that keeps the order, as the default one does, costs a comparison a file; only another one pays for a map
 * (`bench/files/planning.bench.ts`).
 */
class Places<F> {
  readonly #files: readonly F[]
  readonly #taken: Uint8Array
  #next = 0
  #placeOf: Map<F, number> | undefined

  constructor(files: readonly F[]) {
    this.#files = files
    this.#taken = new Uint8Array(files.length)
  }

  /** The place of a file among those given, or -1 where it has none or was taken before. */
  take(file: F): number {
    const place = this.#files[this.#next] === file ? this.#next : this.#lookUp(file)
    if (place === -1 || this.#taken[place] === 1) return -1
    this.#taken[place] = 1
    this.#next = place + 1
    return place
  }

  /** A file not taken, if there is one. */
  left(): F | undefined {
    const place = this.#taken.indexOf(0)
    return place === -1 ? undefined : this.#files[place]
  }

  #lookUp(file: F): number {
    this.#placeOf ??= new Map(this.#files.map((one, place) => [one, place]))
    return this.#placeOf.get(file) ?? -1
  }
}

interface PriorityGroup<F> {
  readonly priority: BatchPriority
  readonly files: readonly F[]
  readonly costs: Float64Array
  readonly totalCost: number
}

function groupByPriority<F extends DiscoveredFile>(files: readonly F[], input: PlanInput): PriorityGroup<F>[] {
  const members: { file: F; cost: number }[][] = PRIORITIES.map(() => [])
  for (const file of files) members[3 - input.priorityOf(file)]!.push({ file, cost: input.predictMs(file) })
  return members.map((group, index) => {
    group.sort((a, b) => b.cost - a.cost || (a.file.path < b.file.path ? -1 : 1))
    const costs = Float64Array.from(group, ({ cost }) => cost)
    return {
      priority: PRIORITIES[index]!,
      files: group.map(({ file }) => file),
      costs,
      totalCost: costs.reduce((sum, cost) => sum + cost, 0),
    }
  })
}

function unbalanced(strategy: BatchStrategy, file: DiscoveredFile, what: string): MillraceError {
  return new MillraceError(
    'STRATEGY_UNBALANCED',
    `The batch strategy "${strategy.name}" does not place each file once: ${file.path} ${what}. Give every file to exactly one batch.`,
    { detail: { strategy: strategy.name, path: file.path } },
  )
}
