import type { PulseStore } from '@millrace/pulse'

/**
 * Opens a store before anybody needs what is in it: that another process has it is told at once, not after a manifest of a million monitors was read.
 * @throws {MillraceError} as the store does.
 */
export async function openedStore(store: PulseStore): Promise<PulseStore> {
  const state = await store.open()
  return {
    open: async () => state,
    commit: (changes) => store.commit(changes),
    deadLetters: (limit) => store.deadLetters(limit),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
