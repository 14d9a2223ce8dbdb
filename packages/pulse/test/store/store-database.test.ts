import { join } from 'node:path'
import { systemClock } from '@millrace/kernel'
import { fails, holds } from '@millrace/kernel/test/property'
import { describe, it } from 'vitest'
import type { PulseStore } from '../../src/store/pulse-store.ts'
import { type StampedChanges, StoreDatabase } from '../../src/store/store-database.ts'
import { type StorePlace, storeProperty } from './conformance.ts'
import { temporaryFolder } from './samples.ts'

/** A database as a store, without its thread. */
function inFile(Database: typeof StoreDatabase = StoreDatabase): StorePlace {
  const folder = temporaryFolder()
  return {
    store: (): PulseStore => {
      let db: StoreDatabase | undefined
      return {
        async open() {
          db = new Database(join(folder.path, 'pulse.db'))
          return db.read()
        },
        async commit(changes) {
          const [failure] = db!.commit([{ changes, at: systemClock.wallNow() }])
          if (failure !== undefined) throw failure
        },
        deadLetters: async (limit) => db!.deadLetters(limit),
        [Symbol.asyncDispose]: async () => db?.[Symbol.dispose](),
      }
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  }
}

/** Wrong on purpose: of a commit the last monitor is not written. */
class ForgetfulDatabase extends StoreDatabase {
  override commit(group: readonly StampedChanges[]) {
    return super.commit(
      group.map(({ changes, at }) => ({ changes: { ...changes, monitors: changes.monitors.slice(0, -1) }, at })),
    )
  }
}

describe('StoreDatabase', () => {
  it('has what was kept, in its order, after any changes', async () => {
    await holds(
      storeProperty(() => inFile()),
      process.env.MILLRACE_SLOW ? 120 : 20,
    )
  })

  it('would be told from one that forgets', async () => {
    await fails(storeProperty(() => inFile(ForgetfulDatabase)))
  })
})
