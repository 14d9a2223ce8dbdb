import { messageOf } from '@millrace/kernel/test/property'
import { expect, it } from 'vitest'
import { JobReader } from '../../src/remote/job-reader.ts'
import { createJobRing } from '../../src/remote/job-ring.ts'
import { JobSender } from '../../src/remote/job-sender.ts'

it('sends a part of an array as it is', () => {
  const ring = createJobRing()
  const reader = new JobReader(ring)
  const numbers = Float64Array.of(1.5, 2.5, 3.5)
  const part = numbers.subarray(1)
  new JobSender(ring).submit(7, new Uint8Array(part.buffer, part.byteOffset, part.byteLength))

  expect(reader.look()).toBe(true)
  expect(reader.systemIndex).toBe(7)
  expect([...new Float64Array(reader.payload().buffer)]).toEqual([2.5, 3.5])
})

it('refuses what a full ring has no room for, and accepts it when there is', async () => {
  const ring = createJobRing({ capacityBytes: 64 })
  const reader = new JobReader(ring)
  const sender = new JobSender(ring)
  const payload = new Uint8Array(sender.maxPayloadBytes)

  expect([1, 2, 3].map((index) => sender.submit(index, payload))).toEqual([true, true, false])
  expect(sender.wait(0, 0)).toBe(false)
  const waiting = sender.waitAsync(payload.byteLength)
  reader.look()
  reader.take()
  reader.publish()
  expect(await waiting).toBe(true)
  expect(sender.wait()).toBe(true)
  expect(sender.submit(3, payload)).toBe(true)
  const indices = [2, 3].map(() => {
    reader.look()
    const { systemIndex } = reader
    reader.take()
    return systemIndex
  })
  expect(indices).toEqual([2, 3])
  expect(reader.look()).toBe(false)
})

it('goes on where the sender before it has ended', () => {
  const ring = createJobRing()
  const reader = new JobReader(ring)
  new JobSender(ring).submit(1)
  new JobSender(ring).submit(2)
  const seen: number[] = []
  while (reader.look()) {
    seen.push(reader.systemIndex)
    reader.take()
  }

  expect(seen).toEqual([1, 2])
})

it('has a code for bad input', async () => {
  const sender = new JobSender(createJobRing({ capacityBytes: 64 }))

  for (const index of [-1, 0.5, Number.NaN, 2 ** 31]) await messageOf('OPTION_INVALID', () => sender.submit(index))
  const floats: unknown = Float64Array.of(1)
  expect(await messageOf('OPTION_INVALID', () => sender.submit(1, floats as Uint8Array))).toContain('Uint8Array')
  await messageOf('RING_RECORD_TOO_LARGE', () => sender.submit(1, new Uint8Array(25)))
  await messageOf('RING_RECORD_TOO_LARGE', () => sender.wait(25))
  await messageOf('OPTION_INVALID', () => createJobRing({ capacityBytes: 100 }))
  await messageOf('OPTION_INVALID', () => new JobSender(new SharedArrayBuffer(10)))
  for (const ring of [undefined, new ArrayBuffer(256 + 64)] as unknown[]) {
    const message = await messageOf('OPTION_INVALID', () => new JobSender(ring as SharedArrayBuffer))
    expect(message).toContain('createJobRing')
  }
})

it('says so where threads share no memory', async () => {
  const { SharedArrayBuffer: shared } = globalThis
  Reflect.deleteProperty(globalThis, 'SharedArrayBuffer')
  try {
    expect(await messageOf('SHARED_MEMORY_UNAVAILABLE', () => createJobRing())).toContain('cross-origin isolation')
  } finally {
    Object.assign(globalThis, { SharedArrayBuffer: shared })
  }
})
