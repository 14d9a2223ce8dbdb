import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { SharedBell } from '../../src/queue/shared-bell.ts'
import { createSharedRing } from '../../src/queue/shared-ring.ts'
import { SharedRingConsumer } from '../../src/queue/shared-ring-consumer.ts'
import { SharedRingProducer } from '../../src/queue/shared-ring-producer.ts'
import type { EchoThreadData } from './echo-thread.ts'
import { isRecord, MOST_WORDS, wordsOf, writeRecord } from './numbered-records.ts'

const slow = process.env.MILLRACE_SLOW !== undefined

/**
 * Sends numbered records to another thread and takes them back, waiting on one bell for whichever comes first: room or
 * an answer. Returns how many came back in order and whole, as both threads saw them.
 */
async function thereAndBack(messages: number, capacityBytes: number): Promise<number> {
  const requests = createSharedRing({ capacityBytes })
  const answers = createSharedRing({ capacityBytes })
  const bell = new SharedBell(new SharedArrayBuffer(4))
  const producer = new SharedRingProducer(requests, { producerBell: bell })
  const consumer = new SharedRingConsumer(answers, { consumerBell: bell })
  const output = new Int32Array(requests)
  const input = new Int32Array(answers)
  const workerData: EchoThreadData = { requests, answers, bell: bell.buffer, messages }
  const thread = new Worker(new URL('./echo-thread.ts', import.meta.url), { workerData })
  let failure: unknown
  thread.once('error', (error) => {
    failure = error
    bell.ring()
  })

  let sent = 0
  let answered = 0
  let whole = 0
  const canGoOn = () => consumer.ready || (sent < messages && producer.hasRoom(4 * MOST_WORDS))
  try {
    while (answered < messages) {
      for (; sent < messages; sent++) {
        const bytes = 4 * wordsOf(sent)
        const to = producer.reserve(bytes)
        if (to < 0) break
        writeRecord(output, to / 4, sent)
        producer.commit(bytes, sent)
        if (sent % 7 === 0) producer.publish()
      }
      producer.publish()
      for (let from = consumer.next(); from >= 0; from = consumer.next()) {
        if (consumer.tag === answered && isRecord(input, from / 4, consumer.length, answered)) whole++
        consumer.release()
        answered++
      }
      if (answered < messages) await bell.waitAsync(canGoOn)
      if (failure !== undefined) throw failure
    }
  } finally {
    await thread.terminate()
  }
  return whole
}

it.each([
  { capacityBytes: 512, messages: slow ? 1_000_000 : 20_000 },
  { capacityBytes: 65_536, messages: slow ? 10_000_000 : 100_000 },
])(
  'carries messages whole to another thread and back: %j',
  async ({ capacityBytes, messages }) => {
    expect(await thereAndBack(messages, capacityBytes)).toBe(messages)
  },
  300_000,
)
