import { createBatchScheduler } from '@millrace/intents'
import { systemClock } from '@millrace/kernel'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type LoadFlags, planLoad } from '../../src/config/intents-load.ts'
import { createHttpLoadClient } from '../../src/intents/load/http-load-client.ts'
import { probeServer } from '../../src/intents/load/probe-server.ts'
import { runLoad } from '../../src/intents/load/run-load.ts'
import { createSocketLoadClient } from '../../src/intents/load/socket-load-client.ts'
import { listenForIntents } from '../../src/intents/serve/intents-listener.ts'
import { CommittingSink, move } from './committing-sink.ts'

async function serve() {
  const scheduler = createBatchScheduler({ sink: new CommittingSink(), intents: [move] })
  await scheduler.start()
  const tokens = ['correct-horse']
  const listener = await listenForIntents(scheduler, {
    host: '127.0.0.1',
    port: 0,
    tokens,
    origins: [],
    rateLimit: undefined,
  })
  onTestFinished(async () => {
    listener.quiesce()
    await scheduler.stop()
    await listener.close(100)
  })
  return { url: listener.url, scheduler }
}

async function load(url: string, flags: LoadFlags) {
  const plan = planLoad(url, { token: 'correct-horse', type: 'move', payload: '{"id":"{key}"}', ...flags })
  await probeServer(plan)
  const client = plan.isWebSocket ? await createSocketLoadClient(plan) : createHttpLoadClient(plan)
  const { signal } = new AbortController()
  const result = await runLoad(plan, { client, clock: systemClock, random: () => 0.5, signal, onSecond: () => {} })
  client.close()
  return result
}

describe.each([{}, { ws: true }])('the clients of a load, with %j', (flags) => {
  it('send what they are to, and hear how it ended', async () => {
    const { url, scheduler } = await serve()
    const result = await load(url, { ...flags, rate: 300, seconds: 0.2 })
    expect(result).toMatchObject({ sent: 60, committed: 60, failed: {}, unanswered: 0 })
    expect(scheduler.metrics.books.committed).toBe(60)
  })

  it('tell what is refused by its code', async () => {
    const { url } = await serve()
    const failing = { rate: 100, seconds: 0.1, payload: '{"id":"{key}","fail":"CONDITION_FAILED"}' }
    expect((await load(url, { ...flags, ...failing })).failed).toEqual({ CONDITION_FAILED: 10 })
    expect((await load(url, { ...flags, ...failing, type: 'fly' })).failed).toEqual({ INTENT_TYPE_UNKNOWN: 10 })
  })

  it('are told before anything is sent that their token is none, or that there is no server', async () => {
    const { url } = await serve()
    expect(await messageOf('TOKEN_REJECTED', () => load(url, { ...flags, token: 'wrong-horse' }))).toMatch(/--token/)
    expect(await messageOf('SERVER_UNREACHABLE', () => load('http://127.0.0.1:9', flags))).toMatch(/127\.0\.0\.1:9/)
  })
})
