import { MillraceError } from '@millrace/kernel/errors'
import { show } from '@millrace/kernel/options'
import {
  defineTask,
  float32Array,
  float64Array,
  int32Array,
  number,
  optional,
  record,
  uint32Array,
} from '@millrace/pool'
import { fracturePacked } from '../fracture-polygon.ts'
import { type CheckedParams, decodeParams } from '../patterns/check-params.ts'
import { COUNTS, type PackedFragments } from '../result/packed-fragments.ts'
import { needsEarcut, withEarcut } from './load-earcut.ts'

const input = record({ coords: float64Array, ringEnds: int32Array, params: float64Array })

const output = record({
  /** What the cutting took, by the worker's clock. */
  ms: number,
  numbers: float64Array,
  layout: int32Array,
  mesh: optional(record({ positions: float32Array, uvs: float32Array, indices: uint32Array })),
})

/** A polygon and how it is to be cut, as both travel. */
export interface CutInput {
  readonly coords: Float64Array
  readonly ringEnds: Int32Array
  readonly params: Float64Array
}

/** What came of it, as it travels. PERF: without a mesh, three arrays less are made for each result; bench/fracture/end-to-end.bench.ts. */
export interface CutOutput {
  readonly ms: number
  readonly numbers: Float64Array
  readonly layout: Int32Array
  readonly mesh?: CutMesh | undefined
}

type CutMesh = Pick<PackedFragments, 'positions' | 'uvs' | 'indices'>

const NO_MESH = { positions: new Float32Array(0), uvs: new Float32Array(0), indices: new Uint32Array(0) }

/** What workers serve: `serve({ ...fractureTasks, … })` in a worker of your own that serves more than this. */
export const fractureTasks = {
  fracture: defineTask<CutInput, CutOutput>({
    input,
    output,
    // Cutting is pure: the same again gives the same.
    retryable: true,
    run({ coords, ringEnds, params: numbers }, context) {
      const params = decoded(numbers)
      return withEarcut(needsEarcut(params), (earcut) => {
        const startedAt = performance.now()
        const hooks = {
          isCancelled: () => context.cancelled,
          progress: (fraction: number) => context.progress(fraction),
          earcut,
        }
        const packed = fracturePacked({ coords, ringEnds }, params, hooks)
        return pack(packed, performance.now() - startedAt)
      })
    },
  }),
}

/** The tasks of {@link fractureTasks}, by name. */
export type FractureTasks = typeof fractureTasks

/**
 * Returns what a worker answered when it is an answer: whoever serves the task, it may be another.
 * @throws {MillraceError} `WORKER_ANSWER_INVALID`.
 */
export function checkOutput(output: CutOutput): CutOutput {
  const { ms, numbers, layout, mesh }: { [K in keyof CutOutput]?: unknown } = Object(output)
  const isAnswer =
    typeof ms === 'number' &&
    numbers instanceof Float64Array &&
    layout instanceof Int32Array &&
    layout.length >= COUNTS &&
    (mesh === undefined || isMesh(mesh))
  if (isAnswer) return output
  throw new MillraceError(
    'WORKER_ANSWER_INVALID',
    `fracture: the worker answered ${show(output)}, not fragments; serve fractureTasks in it, unchanged, of the same version`,
  )
}

function isMesh(mesh: unknown): boolean {
  const { positions, uvs, indices }: { [K in keyof CutMesh]?: unknown } = Object(mesh)
  return positions instanceof Float32Array && uvs instanceof Float32Array && indices instanceof Uint32Array
}

/** What a task's output stands for. */
export function packedOf({ numbers, layout, mesh = NO_MESH }: CutOutput): PackedFragments {
  return { numbers, layout, positions: mesh.positions, uvs: mesh.uvs, indices: mesh.indices }
}

function pack({ numbers, layout, positions, uvs, indices }: PackedFragments, ms: number): CutOutput {
  return { ms, numbers, layout, mesh: indices.length === 0 ? undefined : { positions, uvs, indices } }
}

/** The parameters of the task before: many are alike. */
let last: { readonly numbers: Float64Array; readonly params: CheckedParams } | undefined

function decoded(numbers: Float64Array): CheckedParams {
  if (last === undefined || !isSame(last.numbers, numbers)) {
    // The memory in which they came is overwritten by the next.
    last = { numbers: numbers.slice(), params: decodeParams(numbers) }
  }
  return last.params
}

function isSame(one: Float64Array, other: Float64Array): boolean {
  return one.length === other.length && one.every((number, at) => Object.is(number, other[at]))
}
