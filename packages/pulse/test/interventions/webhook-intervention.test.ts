import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { InterventionOrder } from '../../src/interventions/intervention.ts'
import { webhookIntervention } from '../../src/interventions/webhook-intervention.ts'
import { faultsOf, order, outcome, overdue } from './intervening.ts'

interface Received {
  readonly method: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

async function receiver(answer: (response: ServerResponse, request: IncomingMessage) => void) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    received.push({ method: request.method, headers: request.headers, body })
    answer(response, request)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/restart`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('a service is told what for, once', async () => {
  await using service = await receiver((response) => response.writeHead(202).end())
  expect(await outcome(webhookIntervention, { url: service.url })).toBe('accepted: answered 202')
  const target = { url: service.url, method: 'PUT', headers: { 'X-Token': `\${SECRET}` }, body: 'restart' }
  expect(await outcome(webhookIntervention, target)).toBe('accepted: answered 202')
  const [told, asked] = service.received
  expect(told).toMatchObject({
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'api%237%2F8' },
  })
  expect(JSON.parse(told?.body ?? '')).toEqual({ monitor: 'api', incident: 'api#7', reason: 'no answer in time' })
  expect(asked).toMatchObject({ method: 'PUT', headers: { 'x-token': 'hunter2-hunter2' }, body: 'restart' })
  expect(service.received).toHaveLength(2)
})

test.each([
  [200, 'accepted: answered 200'],
  [404, 'refused: answered 404'],
  [429, 'refused: answered 429'],
  [302, 'unknown: answered 302'],
  [500, 'unknown: answered 500'],
  [503, 'unknown: answered 503'],
])('%d', async (status, expected) => {
  await using service = await receiver((response) => response.writeHead(status, { location: '/' }).end())
  expect(await outcome(webhookIntervention, { url: service.url })).toBe(expected)
  expect(service.received).toHaveLength(1)
})

test('without an answer nobody knows', async () => {
  await using hanging = await receiver(() => {})
  const call = (given: InterventionOrder) => outcome(webhookIntervention, { url: hanging.url }, given)
  expect(await overdue(call, () => hanging.received.length === 1)).toBe('unknown: no answer in time')
  await using cutting = await receiver((_, request) => request.socket.destroy())
  expect(await outcome(webhookIntervention, { url: cutting.url })).toBe('unknown: no answer (ECONNRESET)')
  await using endless = await receiver((response) => {
    const write = () => {
      while (response.write('x'.repeat(65_536)));
    }
    response.on('drain', write)
    write()
  })
  expect(await outcome(webhookIntervention, { url: endless.url })).toBe('accepted: answered 200')
})

test('what was not sent was not done', async () => {
  let url = ''
  {
    await using gone = await receiver(() => {})
    url = gone.url
  }
  expect(await outcome(webhookIntervention, { url })).toBe('refused: nothing was sent: no answer (ECONNREFUSED)')
  await using plain = await receiver(() => {})
  const overTls = await outcome(webhookIntervention, { url: plain.url.replace('http', 'https') })
  expect(overTls).toMatch(/^refused: nothing was sent/)
  expect(await outcome(webhookIntervention, { url: plain.url }, order(1, AbortSignal.abort()))).toMatch(/^refused/)
  expect(plain.received).toEqual([])
})

test('what cannot be sent is told, and no secret in it', () => {
  expect(faultsOf(webhookIntervention, { url: 'file:///etc/passwd' })).toHaveLength(1)
  expect(faultsOf(webhookIntervention, { url: 'no url', method: 'TRACE' })).toHaveLength(2)
  const faults = faultsOf(webhookIntervention, {
    url: 'http://127.0.0.1/',
    headers: { 'X-A': 'secret\r\nX-B: c', 'bad name': 'x', Good: 'y' },
  })
  expect(faults).toHaveLength(2)
  expect(faults.join()).not.toContain('secret')
  const framing = { 'Content-Length': '0', 'Transfer-Encoding': 'chunked' }
  expect(faultsOf(webhookIntervention, { url: 'http://127.0.0.1/', headers: framing })).toHaveLength(2)
})
