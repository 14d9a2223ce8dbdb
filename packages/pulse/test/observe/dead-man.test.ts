import type { ServerResponse } from 'node:http'
import { VirtualClock } from '@millrace/kernel'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DeadMan } from '../../src/observe/dead-man.ts'
import { Receiver } from '../alerts/receiver.ts'
import { createRig } from '../rig/create-rig.ts'

const SECRET = 'hunter2'

let receiver: Receiver
let clock: VirtualClock
let logged: string[]
let isWell: boolean
let deadMan: DeadMan

beforeEach(async () => {
  receiver = await Receiver.listen()
  clock = new VirtualClock()
  logged = []
  isWell = true
  const log = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`)
  const logger = { debug: log, info: log, warn: log, error: log }
  deadMan = new DeadMan({ url: `${receiver.url}/${SECRET}`, everyMs: 60_000, clock, logger, isWell: () => isWell })
})

afterEach(async () => {
  deadMan.stop()
  await receiver[Symbol.asyncDispose]()
})

/** Waits, within a bound against hangs, for what other sockets do. */
async function until(isSo: () => boolean): Promise<void> {
  for (const end = performance.now() + 30_000; !isSo(); ) {
    if (performance.now() > end) throw new Error('it never came')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

const pings = (count: number) => until(() => receiver.received.length === count)
const status = (code: number) => (response: ServerResponse) => void response.writeHead(code).end()

test('somebody is called at once, and each time it is due, as long as all is well', async () => {
  deadMan.start()
  await pings(1)
  clock.advance(59_999)
  expect(receiver.received[0]).toMatchObject({ method: 'POST', path: `/${SECRET}`, body: '' })
  clock.advance(1)
  await pings(2)
  isWell = false
  clock.advance(600_000)
  isWell = true
  clock.advance(60_000)
  await pings(3)
  await until(() => deadMan.failure === undefined)
  deadMan.stop()
  clock.advance(600_000)
  expect(clock.pending).toBe(0)
  expect(receiver.received).toHaveLength(3)
})

test('a call that is not heard is told of, and it is called again', async () => {
  receiver.answer = status(500)
  deadMan.start()
  await until(() => deadMan.failure === 'it answered 500')
  receiver.answer = () => {}
  clock.advance(60_000)
  await pings(2)
  receiver.answer = status(200)
  clock.advance(60_000)
  await until(() => deadMan.failure === undefined)
  expect(receiver.received).toHaveLength(3)
  await receiver[Symbol.asyncDispose]()
  clock.advance(60_000)
  await until(() => deadMan.failure !== undefined)
  expect(deadMan.failure).toMatch(/ECONNREFUSED|closed|socket/)
  expect(logged.length).toBeGreaterThan(1)
  expect(logged.join()).not.toContain(SECRET)
  receiver = await Receiver.listen()
})

test('where nobody hears the calls, the health says so, and where state is not kept nobody is called', async () => {
  receiver.answer = status(500)
  const rig = await createRig([{ name: 'api' }], { deadMan: { url: receiver.url, everyMs: 60_000 } })
  await until(() => rig.pulse.health.reasons.includes('the dead-man ping fails: it answered 500'))
  rig.store.commit = () => Promise.reject(new Error('the disk is full'))
  rig.pulse.pause('api')
  await rig.advance(300_000)
  expect(rig.pulse.health.reasons).toContain('state is not kept: the disk is full')
  expect(receiver.received).toHaveLength(1)
  await rig.until(rig.pulse.stop({ withinMs: 100 }))
})
