import { afterEach, beforeEach, expect, test } from 'vitest'
import { found, foundInTime, type Probing } from '../probing.ts'
import { FakeTarget, okWith } from './fake-target.ts'
import { httpProbing } from './http-probing.ts'

let target: FakeTarget
let probing: Probing

beforeEach(async () => {
  target = await FakeTarget.start()
  probing = httpProbing()
})

afterEach(async () => {
  await probing[Symbol.asyncDispose]()
  await target[Symbol.asyncDispose]()
})

function check(path: string, config: object = {}, timeoutMs?: number): Promise<string> {
  return found(probing.probe({ url: target.url(path), keep_alive: true, ...config }, timeoutMs))
}

test('one connection after another check is used again', async () => {
  target.on('/well', okWith('fine'))
  for (let turn = 0; turn < 5; turn++) expect(await check('/well', { body_contains: 'fine' })).toBe('PASS')
  expect(target.connections).toBe(1)
  expect(await check('/well', { keep_alive: false })).toBe('PASS')
  expect(target.connections).toBe(2)
})

test('checks at the same time have a connection each', async () => {
  target.on('/well', okWith('fine'))
  expect(await Promise.all([check('/well'), check('/well')])).toEqual(['PASS', 'PASS'])
  expect(target.connections).toBe(2)
  expect(await Promise.all([check('/well'), check('/well')])).toEqual(['PASS', 'PASS'])
  expect(target.connections).toBe(2)
})

test.each([
  ['Connection: close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['more than the response', `${okWith('fine')}x`],
  [
    'a length that may be read in two ways',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['a body that is too long', `${okWith('x'.repeat(101))}`],
])('not after %s', async (name, answer) => {
  const path = `/${encodeURIComponent(name)}`
  target.on(path, answer)
  expect(await check(path, { max_body: 100 })).toBe('PASS')
  expect(await check(path, { max_body: 100 })).toBe('PASS')
  expect(target.connections).toBe(2)
})

test('a connection that was closed meanwhile costs nobody a check', async () => {
  target.on('/once', (socket) => socket.write(okWith('fine'), () => setImmediate(() => socket.resetAndDestroy())))
  for (let turn = 0; turn < 5; turn++) expect(await check('/once')).toBe('PASS')
  // Closed only when the next request is there.
  let turn = 0
  target.on('/twice', (socket) => {
    if (turn++ % 2 === 0) socket.write(okWith('fine'))
    else if (turn % 4 === 0) socket.resetAndDestroy()
    else socket.end()
  })
  // A fresh connection that is closed so is not well.
  expect(await check('/twice')).toBe('PASS')
  turn = 1
  expect(await check('/twice')).toBe('PASS')
})

test('what may not be made twice gets a connection of its own', async () => {
  target.on('/well', okWith('fine'))
  for (let turn = 0; turn < 3; turn++) expect(await check('/well', { method: 'POST' })).toBe('PASS')
  expect(target.connections).toBe(3)
})

test('a body that nobody wants and that does not end holds up nothing but its own connection', async () => {
  target.on('/endless', 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nx')
  const endless = () => foundInTime(() => probing.probe({ url: target.url('/endless'), keep_alive: true }, 100))
  expect(await endless()).toBe('PASS')
  const before = target.connections
  expect(await endless()).toBe('PASS')
  expect(target.connections).toBeGreaterThan(before)
})
