import { workerData } from 'node:worker_threads'
import { SharedBell } from '../../src/queue/shared-bell.ts'
import { SharedRingProducer } from '../../src/queue/shared-ring-producer.ts'
import { SharedWindowClaimer } from '../../src/queue/shared-window-claimer.ts'
import { isRecord } from './numbered-records.ts'

/** What the thread is given. */
export interface ClaimerThreadData {
  readonly tasks: SharedArrayBuffer
  readonly results: SharedArrayBuffer
  /** The word by which the other thread is woken. */
  readonly bell: SharedArrayBuffer
  readonly number: number
  /** Whether tickets come in order: a task that is committed once more comes after later ones. */
  readonly inOrder: boolean
}

/** Tag of the task that ends the thread. */
const STOP = -1

/**
 * Takes tasks until it is told to stop, and answers each with its slot and ticket, and a tag that says whether its
 * record was whole and came after those before it.
 */
function run({ tasks, results, bell, number, inOrder }: ClaimerThreadData): void {
  const claimer = new SharedWindowClaimer(tasks, number, { looks: 100 })
  const ring = new SharedRingProducer(results, { consumerBell: new SharedBell(bell) })
  const input = new Int32Array(tasks)
  const output = new Int32Array(results)
  let last = -1
  for (;;) {
    let slot = claimer.claim()
    while (slot < 0) {
      ring.publish()
      claimer.wait()
      slot = claimer.claim()
    }
    if (claimer.tagOf(slot) === STOP) break
    claimer.start(slot)
    const ticket = claimer.ticketOf(slot)
    const isWhole = isRecord(input, claimer.offsetOf(slot) / 4, claimer.bytesOf(slot), claimer.tagOf(slot))
    let place = ring.reserve(8)
    while (place < 0) {
      ring.wait(8)
      place = ring.reserve(8)
    }
    output[place / 4] = slot
    output[place / 4 + 1] = ticket
    ring.commit(8, isWhole && (ticket > last || !inOrder) ? 1 : 0)
    last = ticket
    if (ticket % 8 === 0) ring.publish()
  }
  ring.publish()
}

run(workerData as ClaimerThreadData)
