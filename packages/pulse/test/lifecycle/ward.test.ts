import { withPart } from '@millrace/kernel/test/with-part'
import { expect, test } from 'vitest'
import type * as lifecycleModule from '../../src/lifecycle/lifecycle.ts'
import { Effect, Event, State } from '../../src/lifecycle/states.ts'
import type * as wardModule from '../../src/lifecycle/ward.ts'
import { Ward } from '../../src/lifecycle/ward.ts'
import { walk } from './ward-walk.ts'

const transitions = process.env.MILLRACE_SLOW === undefined ? 1_000_000 : 100_000_000
const sources = new URL('../../src/', import.meta.url)

test('over very many changes no promise is broken', { timeout: 3_600_000 }, () => {
  expect(walk(Ward, 1, transitions)).toEqual({ transitions, broken: undefined })
})

const wardWith = (change: (original: typeof lifecycleModule) => Partial<typeof lifecycleModule>) =>
  withPart<typeof wardModule, typeof lifecycleModule>(sources, 'lifecycle/ward.ts', 'lifecycle/lifecycle.ts', change)

test.each([
  [
    'a repair of which nobody knows is made again',
    ({ step }: typeof lifecycleModule): Partial<typeof lifecycleModule> => ({
      step: (state, event) =>
        state === State.HELD && event === Event.FAIL_HOPELESS
          ? (Effect.INTERVENE << 8) | State.NEEDED
          : step(state, event),
    }),
  ],
  [
    'streaks go on through a pause',
    ({ effectsOf }: typeof lifecycleModule): Partial<typeof lifecycleModule> => ({
      effectsOf: (stepped) => effectsOf(stepped) & ~Effect.RESET,
    }),
  ],
  [
    'what is under way is checked on',
    (): Partial<typeof lifecycleModule> => ({ isChecked: (state) => state !== State.DISABLED }),
  ],
] as const)('a walk finds it where %s', async (_, change) => {
  const { Ward: Mutant } = await wardWith(change)
  expect(walk(Mutant, 1, 100_000).broken).toBeDefined()
})
