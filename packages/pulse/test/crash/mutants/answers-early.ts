import { setImmediate as turn } from 'node:timers/promises'
import type { PulseStore } from '../../../src/store/pulse-store.ts'

/** A store that is wrong on purpose: it answers when it has asked for a commit, and not when that is durable. */
export function answersEarly(store: PulseStore): PulseStore {
  return {
    open: () => store.open(),
    async commit(changes) {
      void store.commit(changes)
      await turn()
    },
    deadLetters: (limit) => store.deadLetters(limit),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
