import fc from 'fast-check'
import type { BatchControllerOptions } from '../src/index.ts'

export type Lane = 'a' | 'b' | 'c'
export const LANES: readonly Lane[] = ['a', 'b', 'c']

/** What a job does. */
export interface Script {
  readonly ms: number
  readonly kind: 'plain' | 'steps' | 'waits' | 'turns' | 'never'
  /** Steps, or turns. */
  readonly pieces: number
  /** So many of its attempts throw, at their end. */
  readonly throws: number
  /** What it does with the controller meanwhile: in its first piece, or in the `finally` of its steps. */
  readonly inside: readonly Act[]
}

/** What is done to a controller. Numbers name one of the systems, or jobs, that there are, counted from the last. */
export type Act =
  | { readonly act: 'frame'; readonly budgetMs: number | undefined }
  | {
      readonly act: 'register'
      readonly lane: Lane
      readonly recurring: number
      readonly featured: boolean
      /** Has run so often that its jobs are believed to be small, and are run in groups. */
      readonly seasoned: boolean
      readonly script: Script
    }
  | { readonly act: 'unregister' | 'resume'; readonly system: number }
  | { readonly act: 'type'; readonly system: number; readonly lane: Lane }
  | {
      readonly act: 'submit'
      readonly times: number
      readonly system: number
      readonly script: Script
      readonly awaited: boolean
      readonly signalled: boolean
    }
  | { readonly act: 'cancel' | 'abort' | 'settle'; readonly job: number }
  | { readonly act: 'order'; readonly order: readonly Lane[] }
  | { readonly act: 'weight'; readonly lane: Lane; readonly weight: number }
  | { readonly act: 'budget'; readonly ms: number }
  | { readonly act: 'microtasks' }

const lane = fc.constantFrom(...LANES)
const number = fc.nat({ max: 12 })
const ms = fc.constantFrom(0, 0.001, 0.1, 0.5, 2, 6)
const inner = fc.oneof(
  fc.record({ act: fc.constantFrom('unregister' as const, 'resume' as const), system: number }),
  fc.record({ act: fc.constantFrom('cancel' as const, 'abort' as const, 'settle' as const), job: number }),
  fc.record({ act: fc.constant('type' as const), system: number, lane }),
  fc.record({ act: fc.constant('order' as const), order: fc.shuffledSubarray([...LANES], { minLength: 3 }) }),
  fc.record({ act: fc.constant('weight' as const), lane, weight: fc.constantFrom(0.5, 1, 3) }),
  fc.record({ act: fc.constant('budget' as const), ms: fc.constantFrom(0.1, 2.5, 5) }),
)
const plain = fc.record({
  ms,
  kind: fc.constant('plain' as const),
  pieces: fc.constant(1),
  throws: fc.constant(0),
  inside: fc.constant([]),
})
const submitPlain = fc.record({
  act: fc.constant('submit' as const),
  times: fc.integer({ min: 1, max: 5 }),
  system: number,
  script: plain,
  awaited: fc.boolean(),
  signalled: fc.boolean(),
})
const script: fc.Arbitrary<Script> = fc.record({
  ms,
  kind: fc.constantFrom('plain', 'plain', 'steps', 'steps', 'waits', 'turns', 'never'),
  pieces: fc.integer({ min: 1, max: 6 }),
  throws: fc.constantFrom(0, 0, 0, 1, 2, 4),
  inside: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(fc.oneof(inner, submitPlain), { maxLength: 3 })),
})
const submit = fc.record({
  act: fc.constant('submit' as const),
  times: fc.integer({ min: 1, max: 5 }),
  system: number,
  script,
  awaited: fc.boolean(),
  signalled: fc.boolean(),
})
const register = fc.record({
  act: fc.constant('register' as const),
  lane,
  recurring: fc.constantFrom(0, 0, 0, 1, 3),
  featured: fc.boolean(),
  seasoned: fc.boolean(),
  script,
})

export const acts: fc.Arbitrary<Act[]> = fc
  .tuple(
    fc.array(register, { minLength: 2, maxLength: 5 }),
    fc.array(
      fc.oneof(
        {
          weight: 8,
          arbitrary: fc.record({
            act: fc.constant('frame' as const),
            budgetMs: fc.constantFrom(undefined, undefined, 0, 1),
          }),
        },
        { weight: 10, arbitrary: submit },
        { weight: 2, arbitrary: fc.record({ act: fc.constant('microtasks' as const) }) },
        { weight: 1, arbitrary: register },
        { weight: 5, arbitrary: inner },
      ),
      { minLength: 30, maxLength: 60 },
    ),
  )
  .map(([first, rest]) => [...first, ...rest])

export const options: fc.Arbitrary<BatchControllerOptions<Lane>> = fc.record({
  policy: fc.constantFrom('strict', 'shared'),
  maxWaitFrames: fc.integer({ min: 1, max: 8 }),
  lookAhead: fc.integer({ min: 1, max: 4 }),
  maxQueuedJobs: fc.constantFrom(3, 8, 1000),
  whenFull: fc.constantFrom('reject', 'drop-oldest', 'drop-lowest'),
  maxFailures: fc.constantFrom(1, 3, 3, 10),
  maxAsyncFrames: fc.integer({ min: 1, max: 10 }),
  clockTickMs: fc.constantFrom(0, 0.1),
})
