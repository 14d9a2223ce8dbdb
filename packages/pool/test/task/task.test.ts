import { MillraceError } from '@millrace/kernel'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Codec } from '../../src/codec/codec.ts'
import { list } from '../../src/codec/list.ts'
import { optional } from '../../src/codec/optional.ts'
import { record } from '../../src/codec/record.ts'
import { number } from '../../src/codec/scalars.ts'
import { string } from '../../src/codec/string.ts'
import { float64Array } from '../../src/codec/typed-arrays.ts'
import { codecOf, shapeOf } from '../../src/task/codec-of.ts'
import {
  defineTask,
  type InputOf,
  type OutputOf,
  type Task,
  type TaskContext,
  type Tasks,
  taskOf,
} from '../../src/task/task.ts'

const tasks = {
  fracture: defineTask({
    input: record({ points: float64Array, depth: number, label: optional(string) }),
    output: list(float64Array),
    run: ({ points, depth }, context) => {
      context.progress(depth)
      return context.cancelled ? [] : [points]
    },
    retryable: true,
  }),
  measure: { input: float64Array, run: async (points: Float64Array) => points.length },
  plain: defineTask({ run: (input: { readonly text: string }) => input.text }),
  bare: async (input: string, _context: TaskContext) => ({ length: input.length }),
  clock: () => 5,
  perhaps: (input?: number) => input,
} satisfies Tasks
type Served = typeof tasks

/** As the pool is called: everything follows from the name. */
type Run<K extends keyof Served> = (name: K, input: InputOf<Served, K>) => Promise<OutputOf<Served, K>>

describe('the types of tasks', () => {
  it('follow from codecs and functions', () => {
    expectTypeOf<InputOf<Served, 'fracture'>>().toEqualTypeOf<{
      points: Float64Array
      depth: number
      label?: string | undefined
    }>()
    expectTypeOf<OutputOf<Served, 'fracture'>>().toEqualTypeOf<Float64Array[]>()
    expectTypeOf<InputOf<Served, 'measure'>>().toEqualTypeOf<Float64Array>()
    expectTypeOf<OutputOf<Served, 'measure'>>().toEqualTypeOf<number>()
    expectTypeOf<InputOf<Served, 'plain'>>().toEqualTypeOf<{ readonly text: string }>()
    expectTypeOf<OutputOf<Served, 'plain'>>().toEqualTypeOf<string>()
    expectTypeOf<InputOf<Served, 'bare'>>().toEqualTypeOf<string>()
    expectTypeOf<OutputOf<Served, 'bare'>>().toEqualTypeOf<{ length: number }>()
    expectTypeOf<InputOf<Served, 'clock'>>().toEqualTypeOf<undefined>()
    expectTypeOf<InputOf<Served, 'perhaps'>>().toEqualTypeOf<number | undefined>()
    expectTypeOf<OutputOf<Served, 'perhaps'>>().toEqualTypeOf<number | undefined>()
  })

  it('hold for a call by name', () => {
    expectTypeOf<Run<'bare'>>().toBeCallableWith('bare', 'text')
    expectTypeOf<Run<'bare'>>().returns.resolves.toEqualTypeOf<{ length: number }>()
    expectTypeOf<Run<'fracture'>>().parameter(1).toExtend<{ points: Float64Array }>()
    expectTypeOf<'shatter'>().not.toExtend<keyof Served>()
  })

  it('refuse a function that does not take what its codec gives', () => {
    expectTypeOf<{ input: Codec<number>; run: (input: number) => string }>().toExtend<Task<number, string>>()
    expectTypeOf<{ input: Codec<number>; run: (input: string) => string }>().not.toExtend<Task<number, string>>()
    expectTypeOf<{ output: Codec<number>; run: (input: string) => string }>().not.toExtend<Task<string, number>>()
    expectTypeOf<{ run: number }>().not.toExtend<Tasks[string]>()
  })
})

describe('taskOf', () => {
  it('gives a task all its fields', () => {
    expect(taskOf('clock', tasks.clock)).toEqual({
      run: tasks.clock,
      input: undefined,
      output: undefined,
      retryable: false,
    })
    const { run, input, output } = tasks.fracture
    expect(taskOf('fracture', tasks.fracture)).toEqual({ run, input, output, retryable: true })
  })

  it.each<[unknown, string]>([
    [undefined, 'cut must be a function or { run, input, output, retryable }, not undefined'],
    [{}, 'cut has no function run, but undefined'],
    [{ run: () => 1, retryable: 1 }, 'cut is retryable or not: true or false, not a number'],
    [{ run: () => 1, output: 'number' }, 'cut has as output no codec, such as record({ x: number }), but a string'],
  ])('refuses %s', (entry, message) => {
    expect(() => taskOf('cut', entry)).toThrow(message)
    expect(() => taskOf('cut', entry)).toThrow(MillraceError)
  })

  it('refuses a definition at its own line', () => {
    expect(() => defineTask(JSON.parse('{}'))).toThrow('defineTask: the task has no function run')
  })
})

describe('shapeOf', () => {
  it('is plain data that the other side makes the codecs of', () => {
    const shape = structuredClone(shapeOf(taskOf('fracture', tasks.fracture)))
    expect(shape).toEqual({
      input: { record: { points: 'float64Array', depth: 'number', label: { optional: 'string' } } },
      output: { list: 'float64Array' },
      retryable: true,
    })
    expect(codecOf(shape.input)?.shape).toEqual(shape.input)
    expect(codecOf(shapeOf(taskOf('clock', tasks.clock)).output)).toBeUndefined()
  })
})
