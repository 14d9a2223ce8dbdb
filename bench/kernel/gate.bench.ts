import { Gate } from '@millrace/kernel'
import { Sema } from 'async-sema'
import { AHEAD, type Bench, WITHIN_4X } from '../harness/bench.ts'
import { comparePerItem } from '../harness/per-item.ts'

const ITEMS = 50_000
const WAITERS = 2_000
const HELD = 64
const MAX_BYTES = HELD * 100
const items = Array.from({ length: ITEMS }, (_, id) => ({ bytes: 1 + (id % 200) }))
type Item = (typeof items)[number]

const bytesOf = (item: Item) => item.bytes

/** Every pass leaves them empty, and finds their queues as large as the last pass left them. */
const oneItem = new Gate<Item>({ maxItems: 1, whenFull: 'wait' })
const onePermit = new Sema(1)

/** What does a bound cost: passed at once, and waited for? */
export default async function gate(bench: Bench): Promise<void> {
  await comparePerItem(bench, {
    id: 'gate/by-count',
    items: ITEMS,
    ours: () => {
      const bound = new Gate<Item>({ maxItems: HELD })
      let admitted = 0
      let released = 0
      for (let index = 0; index < ITEMS; index++) {
        if (bound.tryAdmit(items[admitted]!)) admitted++
        else bound.release(items[released++]!)
      }
      return admitted
    },
    peers: [
      {
        name: 'bare counter',
        goal: WITHIN_4X,
        pass: () => {
          const held = new Int32Array(1)
          let admitted = 0
          for (let index = 0; index < ITEMS; index++) {
            if (held[0]! < HELD) {
              held[0]!++
              admitted++
            } else held[0]!--
          }
          return admitted
        },
      },
      {
        name: 'async-sema',
        goal: AHEAD,
        pass: () => {
          const bound = new Sema(HELD)
          let admitted = 0
          for (let index = 0; index < ITEMS; index++) {
            if (bound.tryAcquire() !== undefined) admitted++
            else bound.release()
          }
          return admitted
        },
      },
    ],
  })
  await comparePerItem(bench, {
    id: 'gate/by-bytes',
    items: ITEMS,
    ours: () => {
      const bound = new Gate<Item>({ maxItems: HELD, maxBytes: MAX_BYTES, bytesOf })
      let admitted = 0
      let released = 0
      for (let index = 0; index < ITEMS; index++) {
        if (bound.tryAdmit(items[admitted]!)) admitted++
        else bound.release(items[released++]!)
      }
      return admitted
    },
    peers: [{ name: 'bare counters', goal: WITHIN_4X, pass: countersPass }],
  })
  await comparePerItem(bench, {
    id: 'gate/wait',
    items: WAITERS,
    ours: async () => {
      let admitted = 0
      const waits: Promise<void>[] = []
      for (let index = 0; index < WAITERS; index++) {
        waits.push(
          oneItem.admit(items[index]!).then(() => {
            admitted++
            oneItem.release(items[index]!)
          }),
        )
      }
      await Promise.all(waits)
      return admitted
    },
    peers: [
      { name: 'bare promises in an array', goal: WITHIN_4X, pass: promisesPass },
      {
        name: 'async-sema',
        goal: AHEAD,
        pass: async () => {
          let admitted = 0
          const waits: Promise<void>[] = []
          for (let index = 0; index < WAITERS; index++) {
            waits.push(
              onePermit.acquire().then(() => {
                admitted++
                onePermit.release()
              }),
            )
          }
          await Promise.all(waits)
          return admitted
        },
      },
    ],
  })
}

/** Two numbers and the rule that an item too large passes alone. */
function countersPass(): number {
  const held = new Float64Array(2)
  let admitted = 0
  let released = 0
  for (let index = 0; index < ITEMS; index++) {
    const { bytes } = items[admitted]!
    if (held[0] === 0 || (held[0]! < HELD && held[1]! + bytes <= MAX_BYTES)) {
      held[0]!++
      held[1]! += bytes
      admitted++
    } else {
      held[0]!--
      held[1]! -= items[released++]!.bytes
    }
  }
  return admitted
}

async function promisesPass(): Promise<number> {
  const waiting: (() => void)[] = []
  let held = 0
  let next = 0
  let admitted = 0
  const waits: Promise<void>[] = []
  for (let index = 0; index < WAITERS; index++) {
    const turn = held === 0 ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve))
    held = 1
    waits.push(
      turn.then(() => {
        admitted++
        waiting[next++]?.()
      }),
    )
  }
  await Promise.all(waits)
  return admitted
}
