import { createServer } from 'node:net'
import type { Answer } from 'dns-packet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CheckKind } from '../../../src/checks/check.ts'
import { createTcpCheck } from '../../../src/checks/tcp/tcp-check.ts'
import { FakeDns } from '../fake-dns.ts'
import { faultsOf, found, foundInTime, Probing } from '../probing.ts'

const server = createServer((socket) => void socket.on('error', () => {}))
let port = 0
let dns: FakeDns
let probing: Probing

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as { port: number }).port
  dns = await FakeDns.start()
  probing = new Probing(createTcpCheck({ dnsServers: [dns.server], hostsFile: '/dev/null' }) as CheckKind)
})

afterAll(async () => {
  await probing[Symbol.asyncDispose]()
  await dns[Symbol.asyncDispose]()
  server.close()
})

function v4(name: string, addresses: readonly string[]): void {
  dns.records.set(
    `${name} A`,
    addresses.map((data): Answer => ({ type: 'A', name, ttl: 60, data })),
  )
}

test('a port that takes connections passes, by address and by name', async () => {
  v4('db.test', ['127.0.0.1'])
  expect(await found(probing.probe({ host: '127.0.0.1', port }))).toBe('PASS')
  expect(await found(probing.probe({ host: 'DB.test', port }))).toBe('PASS')
  expect(await found(probing.probe({ host: 'localhost', port }))).toBe('PASS')
})

test('one that does not fails', async () => {
  const gone = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => gone.once('listening', resolve))
  const free = (gone.address() as { port: number }).port
  await new Promise((resolve) => gone.close(resolve))
  expect(await found(probing.probe({ host: '127.0.0.1', port: free }))).toBe('FAIL: refuses connections')
})

test('where one address refuses, the next is tried; a thousand of them are not', async () => {
  v4('one-of-two.test', ['127.0.0.2', '127.0.0.1'])
  for (let turn = 0; turn < 4; turn++) {
    expect(await found(probing.probe({ host: 'one-of-two.test', port }))).toBe('PASS')
  }
  // As many as an answer over UDP has room for; c-ares would ask again over TCP for more.
  v4(
    'many.test',
    Array.from({ length: 25 }, (_, at) => `127.0.1.${at + 1}`),
  )
  expect(await found(probing.probe({ host: 'many.test', port }))).toBe('FAIL: refuses connections')
})

test('a name that does not resolve fails, the first time and when it is known', async () => {
  expect(await found(probing.probe({ host: 'nowhere.test', port }))).toBe('FAIL: does not resolve')
  expect(await found(probing.probe({ host: 'nowhere.test', port }))).toBe('FAIL: does not resolve')
  expect(dns.questions.filter((question) => question === 'nowhere.test A')).toHaveLength(1)
})

test('a name server that says nothing costs no more than the deadline', async () => {
  dns.moods.set('silent.test', 'silent')
  expect(await foundInTime(() => probing.probe({ host: 'silent.test', port }, 100))).toBe(
    'FAIL: does not resolve in time',
  )
})

test('what is wrong with a config is told', () => {
  const kind = createTcpCheck() as CheckKind
  const host =
    'host must be a name or an address alone: db.internal, 192.0.2.1 or 2001:db8::1, without scheme, port or path'
  expect(faultsOf(kind, { host: 'db', port: 1 })).toEqual([])
  expect(faultsOf(kind, { host: '[::1]', port: 65_535 })).toEqual([])
  expect(faultsOf(kind, {})).toEqual(['host is missing', 'port is missing'])
  for (const bad of ['a b', 'a:1', 'http://a', 'a/b', 'a\r\nb', '1.2.3', '-a', 'a..b']) {
    expect(faultsOf(kind, { host: bad, port: 1 })).toEqual([host])
  }
  expect(faultsOf(kind, { host: 'db', port: 0 })).toHaveLength(1)
  expect(faultsOf(kind, { host: 'db', port: 70_000 })).toHaveLength(1)
})

test('the host of a target is the one of which only so many checks run at once', () => {
  expect(createTcpCheck().hostOf('db.test:5432', {})).toBe('db.test')
  expect(createTcpCheck().hostOf('[::1]:5432', {})).toBe('::1')
})
