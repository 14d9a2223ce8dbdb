import { MillraceError } from '@millrace/kernel'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { changes, storedMonitor } from '../store/samples.ts'
import { answersEarly } from './mutants/answers-early.ts'

// Keeps one monitor after the other until it is killed or fails, several commits at once, and prints the name of each when it is kept, or why it is not.
// node keeping-child.ts FILE real|large|early

const [path = '', variant] = process.argv.slice(2)
const real = createSqliteStore({ path })
const store = variant === 'early' ? answersEarly(real) : real
const reason = 'x'.repeat(variant === 'large' ? 5000 : 50)
await store.open()

for (let number = 0; ; number += 3) {
  const names = [0, 1, 2].map((index) => `monitor-${number + index}`)
  const kept = names.map(async (name) => {
    await store.commit(changes({ monitors: [storedMonitor({ name, reason })] }))
    process.stdout.write(`${name}\n`)
  })
  const failed = (await Promise.allSettled(kept)).find(({ status }) => status === 'rejected')
  if (failed?.status !== 'rejected') continue
  process.stdout.write(`${failed.reason instanceof MillraceError ? failed.reason.code : String(failed.reason)}\n`)
  process.exit()
}
