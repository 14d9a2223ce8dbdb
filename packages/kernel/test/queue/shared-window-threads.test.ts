import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { SharedBell } from '../../src/queue/shared-bell.ts'
import { createSharedRing } from '../../src/queue/shared-ring.ts'
import { SharedRingConsumer } from '../../src/queue/shared-ring-consumer.ts'
import { createSharedWindow } from '../../src/queue/shared-window.ts'
import { SharedWindowProducer } from '../../src/queue/shared-window-producer.ts'
import { randomFrom } from '../property.ts'
import type { ClaimerThreadData } from './claimer-thread.ts'
import { MOST_WORDS, wordsOf, writeRecord } from './numbered-records.ts'

const slow = process.env.MILLRACE_SLOW !== undefined
const STOP = -1

interface Crowd {
  readonly tasks: number
  readonly slots: number
  readonly claimers: number
  /** How many of them are ended in the midst of it, and replaced. @default 0 */
  readonly deaths?: number
}

interface Tally {
  /** Tasks whose result came, withdrawn ones, and those that had started, without a result, when their thread ended. */
  done: number
  withdrawn: number
  lost: number
  /** Results that came twice, for nobody, out of order or of a torn record. */
  wrong: number
}

/** A thread that claims, and the ring by which its results come. */
interface Hand {
  readonly thread: Worker
  readonly results: SharedRingConsumer
  readonly words: Int32Array
}

/** Has numbered records claimed by other threads, withdraws some of them, ends some of the threads. */
async function delegate({ tasks, slots, claimers, deaths = 0 }: Crowd): Promise<Tally> {
  const random = randomFrom(slots + claimers)
  const buffer = createSharedWindow({ slots, slotBytes: 4 * MOST_WORDS })
  const window = new SharedWindowProducer(buffer)
  const words = new Int32Array(buffer)
  const bell = new SharedBell(new SharedArrayBuffer(4))
  const tally: Tally = { done: 0, withdrawn: 0, lost: 0, wrong: 0 }
  const isOpen = new Uint8Array(tasks)
  /** By slot: the task in it. */
  const taskIn = new Int32Array(slots)
  let failure: unknown

  const hire = (number: number): Hand => {
    const results = createSharedRing({ capacityBytes: 4096 })
    const workerData: ClaimerThreadData = { tasks: buffer, results, bell: bell.buffer, number, inOrder: deaths === 0 }
    const thread = new Worker(new URL('./claimer-thread.ts', import.meta.url), { workerData })
    thread.once('error', (error) => {
      failure = error
      bell.ring()
    })
    return {
      thread,
      results: new SharedRingConsumer(results, { consumerBell: bell }),
      words: new Int32Array(results),
    }
  }
  const settle = (task: number, how: 'done' | 'withdrawn' | 'lost') => {
    if (isOpen[task] === 1) tally[how]++
    else tally.wrong++
    isOpen[task] = 0
  }
  const collect = ({ results, words: output }: Hand) => {
    for (let at = results.next(); at >= 0; at = results.next()) {
      const [slot, ticket] = [output[at / 4]!, output[at / 4 + 1]!]
      if (results.tag !== 1 || taskIn[slot] !== ticket) tally.wrong++
      results.release()
      settle(ticket, 'done')
      window.release(slot)
    }
  }
  const bury = async (number: number) => {
    await hands[number]!.thread.terminate()
    collect(hands[number]!)
    for (const slot of window.heldBy(number)) {
      if (window.stateOf(slot) === 'claimed') window.recommit(slot)
      else {
        settle(taskIn[slot]!, 'lost')
        window.release(slot)
      }
    }
    window.publish()
    window.wake()
    hands[number] = hire(number)
  }

  const hands = Array.from({ length: claimers }, (_, number) => hire(number))
  let sent = 0
  let died = 0
  const settled = () => tally.done + tally.withdrawn + tally.lost
  try {
    while (settled() < tasks) {
      while (sent < tasks) {
        const slot = window.reserve()
        if (slot < 0) break
        writeRecord(words, window.offsetOf(slot) / 4, sent)
        isOpen[sent] = 1
        taskIn[slot] = sent
        window.commit(slot, 4 * wordsOf(sent), sent, sent)
        if (sent++ % 5 === 0) window.publish()
        const other = Math.floor(random() * 20 * slots)
        if (other < slots && window.stateOf(other) !== 'free' && window.withdraw(other))
          settle(taskIn[other]!, 'withdrawn')
      }
      window.publish()
      const before = settled()
      hands.forEach(collect)
      if (died < deaths && settled() > ((died + 1) * tasks) / (deaths + 1)) await bury(died++ % claimers)
      else if (settled() === before) await bell.waitAsync(() => hands.some(({ results }) => results.ready))
      if (failure !== undefined) throw failure
    }
    const ends = hands.map(({ thread }) => once(thread, 'exit'))
    for (let count = 0; count < claimers; count++) window.commit(window.reserve(), 0, STOP)
    window.publish()
    await Promise.all(ends)
  } finally {
    await Promise.all(hands.map(({ thread }) => thread.terminate()))
  }
  return tally
}

const crowds: readonly Crowd[] = [
  { tasks: slow ? 1_000_000 : 50_000, slots: 4, claimers: 2 },
  { tasks: slow ? 4_000_000 : 100_000, slots: 256, claimers: 1 },
  { tasks: slow ? 4_000_000 : 100_000, slots: 256, claimers: 2 },
  { tasks: slow ? 1_000_000 : 20_000, slots: 16, claimers: 3, deaths: slow ? 200 : 10 },
]

it.each(crowds)(
  'has every task claimed once, whole and in order, by other threads: %j',
  async (crowd) => {
    const { done, withdrawn, lost, wrong } = await delegate(crowd)

    expect(wrong).toBe(0)
    expect(done + withdrawn + lost).toBe(crowd.tasks)
    expect(lost).toBeLessThanOrEqual((crowd.deaths ?? 0) * crowd.slots)
    expect(withdrawn).toBeGreaterThan(0)
  },
  300_000,
)
