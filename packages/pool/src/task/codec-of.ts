import type { Codec } from '../codec/codec.ts'
import { codecFrom } from '../codec/codec-from.ts'
import type { CodecShape } from '../codec/codec-shape.ts'
import type { TaskOf } from './task.ts'

/** How a task's values travel, as plain data: what a worker tells of each task that it serves. */
export interface TaskShape {
  /** Without one, values travel by structured clone. */
  readonly input?: CodecShape | undefined
  readonly output?: CodecShape | undefined
  readonly retryable: boolean
}

/** What is told of `task`. */
export function shapeOf({ input, output, retryable }: TaskOf): TaskShape {
  return { input: input?.shape, output: output?.shape, retryable }
}

/**
 * The codec that the worker has, made anew on this side.
 * @throws {MillraceError} `CODEC_SHAPE_INVALID`.
 */
export function codecOf(shape: CodecShape | undefined): Codec<unknown> | undefined {
  return shape === undefined ? undefined : codecFrom(shape)
}
