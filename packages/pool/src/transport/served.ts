import { MillraceError } from '@millrace/kernel/errors'
import type { Codec } from '../codec/codec.ts'
import { holdsViews } from '../deliver/arena.ts'
import { codecOf } from '../task/codec-of.ts'
import type { Serving } from './crew.ts'
import type { ServedTask } from './transport.ts'
import type { OutputCodec } from './window-line.ts'

/** What the workers of a pool serve, by the number of the task: all the same, as the first one said it. */
export class Served {
  inputs: readonly (Codec<unknown> | undefined)[] = []
  outputs: readonly OutputCodec[] = []
  #text: string | undefined

  /**
   * Learns what a worker serves; returns it when it is the first to say so.
   * @throws {MillraceError} `TASKS_DIFFER` when it serves other tasks than the first one.
   */
  learn(serving: Serving): readonly ServedTask[] | undefined {
    const text = JSON.stringify(serving)
    if (this.#text === text) return undefined
    if (this.#text !== undefined) {
      throw new MillraceError(
        'TASKS_DIFFER',
        'a worker serves other tasks than the first one did; make every worker of a pool from the same entry',
      )
    }
    this.inputs = serving.map(([, shape]) => codecOf(shape.input))
    this.outputs = serving.map(([, { output }]) => ({
      codec: codecOf(output),
      holdsViews: output !== undefined && holdsViews(output),
    }))
    this.#text = text
    return serving.map(([name, { retryable }]) => ({ name, retryable }))
  }
}
