import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VirtualClock } from '@millrace/kernel'
import type { Answer } from 'dns-packet'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type DnsAnswer, DnsCache, type DnsCacheOptions } from '../../../src/checks/dns-cache.ts'
import { FakeDns, SERVFAIL, thousand } from '../fake-dns.ts'

let dns: FakeDns
const clock = new VirtualClock()

beforeAll(async () => {
  dns = await FakeDns.start()
})

afterAll(() => dns[Symbol.asyncDispose]())

beforeEach(() => {
  dns.questions.length = 0
})

function cacheOf(options: Partial<DnsCacheOptions> = {}): DnsCache {
  return new DnsCache({ clock, servers: [dns.server], hostsFile: '/dev/null', ...options })
}

function find(cache: DnsCache, name: string): Promise<DnsAnswer> {
  return new Promise((resolved) => {
    const answer = cache.find(name, { resolved })
    if (answer !== undefined) resolved(answer)
  })
}

function record(name: string, data: string, ttl = 60): void {
  const type = data.includes(':') ? 'AAAA' : 'A'
  const key = `${name} ${type}`
  dns.records.set(key, [...(dns.records.get(key) ?? []), { type, name, ttl, data } as Answer])
}

test('an answer is remembered as long as its records say, within 1 s and 5 minutes', async () => {
  record('short.test', '192.0.2.1', 0)
  record('long.test', '192.0.2.1', 86_400)
  using cache = cacheOf()
  for (const [name, leastMs] of [
    ['short.test', 1000],
    ['long.test', 300_000],
  ] as const) {
    expect((await find(cache, name)).addresses).toEqual(['192.0.2.1'])
    clock.advance(leastMs - 1)
    await find(cache, name)
    expect(dns.questions.filter((question) => question === `${name} A`)).toHaveLength(1)
    clock.advance(1)
    await find(cache, name)
    expect(dns.questions.filter((question) => question === `${name} A`)).toHaveLength(2)
  }
})

test('however many ask for a name, one question is under way', async () => {
  record('busy.test', '192.0.2.1')
  using cache = cacheOf()
  const answers = await Promise.all(Array.from({ length: 100 }, () => find(cache, 'busy.test')))
  expect(new Set(answers).size).toBe(1)
  expect(dns.questions.sort()).toEqual(['busy.test A', 'busy.test AAAA'])
})

test('of many addresses 8 are taken, of both families in turns', async () => {
  for (let at = 1; at <= 25; at++) record('many.test', `192.0.2.${at}`)
  record('many.test', '2001:db8::1')
  record('many.test', '2001:db8::2')
  using cache = cacheOf()
  const { addresses } = await find(cache, 'many.test')
  expect(addresses).toHaveLength(8)
  const families = addresses.map((address) => (address.includes(':') ? 6 : 4))
  expect(families).toEqual([4, 6, 4, 6, 4, 4, 4, 4])
})

test('of a thousand, which come by TCP, too', async () => {
  dns.records.set('thousand.test A', thousand('thousand.test'))
  using cache = cacheOf()
  const { addresses } = await find(cache, 'thousand.test')
  expect(addresses).toEqual(Array.from({ length: 8 }, (_, at) => `10.0.0.${at}`))
  expect(dns.byTcp).toContain('thousand.test A')
})

test('what does not resolve is not asked for again for 5 s, a silent server for 1 s', async () => {
  dns.moods.set('failing.test', SERVFAIL)
  using cache = cacheOf()
  expect(await find(cache, 'nowhere.test')).toMatchObject({ addresses: [], reason: 'does not resolve' })
  expect(await find(cache, 'failing.test')).toMatchObject({ reason: 'does not resolve: no name server answers' })
  dns.questions.length = 0
  clock.advance(999)
  await find(cache, 'failing.test')
  expect(dns.questions).toEqual([])
  clock.advance(1)
  await find(cache, 'failing.test')
  expect(dns.questions).not.toEqual([])
  dns.questions.length = 0
  clock.advance(3999)
  await find(cache, 'nowhere.test')
  expect(dns.questions).toEqual([])
  clock.advance(1)
  await find(cache, 'nowhere.test')
  expect(dns.questions).not.toEqual([])
})

test('localhost, and names of the hosts file, are asked of nobody', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-hosts-'))
  const hostsFile = join(folder, 'hosts')
  writeFileSync(hostsFile, '# mine\n192.0.2.7\tapi.test Api-2.test # here\n2001:db8::7 api.test\nnonsense api.test\n')
  using cache = cacheOf({ hostsFile })
  expect((await find(cache, 'localhost')).addresses).toEqual(['127.0.0.1', '::1'])
  expect((await find(cache, 'app.localhost')).addresses).toEqual(['127.0.0.1', '::1'])
  expect((await find(cache, 'api.test')).addresses).toEqual(['192.0.2.7', '2001:db8::7'])
  expect((await find(cache, 'api-2.test')).addresses).toEqual(['192.0.2.7'])
  expect(dns.questions).toEqual([])
  writeFileSync(hostsFile, '192.0.2.8 api.test\n')
  utimesSync(hostsFile, 1, 1)
  clock.advance(6000)
  expect((await find(cache, 'api.test')).addresses).toEqual(['192.0.2.8'])
  rmSync(folder, { recursive: true })
})

test('names are forgotten when there are too many', async () => {
  using cache = cacheOf({ maxNames: 3 })
  for (let at = 0; at < 5; at++) await find(cache, `${at}.localhost`)
  expect(cache.size).toBe(3)
})
