import { workerData } from 'node:worker_threads'
import { SharedBell } from '../../src/queue/shared-bell.ts'
import { SharedRingConsumer } from '../../src/queue/shared-ring-consumer.ts'
import { SharedRingProducer } from '../../src/queue/shared-ring-producer.ts'
import { isRecord } from './numbered-records.ts'

/** What the thread is given. */
export interface EchoThreadData {
  readonly requests: SharedArrayBuffer
  readonly answers: SharedArrayBuffer
  /** The word by which the other thread is woken, for both rings. */
  readonly bell: SharedArrayBuffer
  readonly messages: number
}

/**
 * Sends every record back as it came, blocking while there is none or no room, and a tag that says whether it was
 * whole.
 */

const { requests, answers, bell, messages } = workerData as EchoThreadData
const mainBell = new SharedBell(bell)
const consumer = new SharedRingConsumer(requests, { producerBell: mainBell })
const producer = new SharedRingProducer(answers, { consumerBell: mainBell })
const input = new Int32Array(requests)
const output = new Int32Array(answers)

for (let id = 0; id < messages; id++) {
  let from = consumer.next()
  while (from < 0) {
    producer.publish()
    consumer.wait()
    from = consumer.next()
  }
  const { length } = consumer
  let to = producer.reserve(length)
  while (to < 0) {
    producer.wait(length)
    to = producer.reserve(length)
  }
  output.set(input.subarray(from / 4, (from + length) / 4), to / 4)
  const whole = consumer.tag === id && isRecord(input, from / 4, length, id)
  consumer.release()
  producer.commit(length, whole ? id : -1)
}
producer.publish()
consumer.publish()
