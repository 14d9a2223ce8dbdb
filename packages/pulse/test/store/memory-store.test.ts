import { fails } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import type { PulseStore } from '../../src/store/pulse-store.ts'
import { type StorePlace, storeConformance, storeProperty } from './conformance.ts'
import { changes, storedMonitor } from './samples.ts'

/** A store and those that are opened after it are the same. */
function inMemory(change: (store: PulseStore) => Partial<PulseStore> = () => ({})): StorePlace {
  const stores = new Map<unknown, PulseStore>()
  return {
    store(clock) {
      let store = stores.get(clock)
      if (store === undefined) {
        store = createMemoryStore(clock === undefined ? {} : { clock })
        store = Object.assign(Object.create(store) as PulseStore, bound(store), change(store))
        stores.set(clock, store)
      }
      return store
    },
    [Symbol.dispose]() {},
  }
}

function bound(store: PulseStore): PulseStore {
  return {
    open: () => store.open(),
    commit: (what) => store.commit(what),
    deadLetters: (limit) => store.deadLetters(limit),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

describe('createMemoryStore', () => {
  storeConformance(() => inMemory())

  it('would be told from a store that forgets, or keeps what is over', async () => {
    await fails(
      storeProperty(() => inMemory((store) => ({ commit: (what) => store.commit({ ...what, delivered: [] }) }))),
    )
    await fails(
      storeProperty(() =>
        inMemory((store) => ({ commit: (what) => store.commit({ ...what, alerts: what.alerts.slice(1) }) })),
      ),
    )
    await fails(
      storeProperty(() =>
        inMemory((store) => ({
          // What was tried takes the place of what came meanwhile.
          commit: (what) => store.commit({ ...what, alerts: what.alerts.map((alert) => ({ ...alert, attempts: 0 })) }),
        })),
      ),
    )
  })

  it('has all it had when it is opened again', async () => {
    const store = createMemoryStore()
    await store.open()
    await store.commit(changes({ monitors: [storedMonitor()] }))
    await store[Symbol.asyncDispose]()
    expect(await store.open()).toMatchObject({ monitors: [storedMonitor()], alerts: [] })
  })
})
