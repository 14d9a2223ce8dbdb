import { expect, test } from 'vitest'
import { dnsCheck } from '../../src/checks/dns/dns-check.ts'
import { FakeDns, REFUSED, SERVFAIL, thousand } from './fake-dns.ts'
import { faultsOf, found, foundInTime, Probing } from './probing.ts'

const name = 'api.example.test'

async function setUp() {
  const stack = new AsyncDisposableStack()
  const dns = stack.use(await FakeDns.start())
  const probing = stack.use(new Probing(dnsCheck))
  const probe = (config: object, timeoutMs?: number) =>
    probing.probe({ host: name, server: dns.server, ...config }, timeoutMs)
  const look = (config: object) => found(probe(config))
  const lookInTime = (config: object, timeoutMs: number) => foundInTime(() => probe(config, timeoutMs))
  return { dns, look, lookInTime, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

test('each kind of record is told as zone files have it', async () => {
  await using world = await setUp()
  const { dns, look } = world
  dns.records.set(`${name} A`, [
    { type: 'A', name, data: '192.0.2.1' },
    { type: 'A', name, data: '192.0.2.2' },
  ])
  dns.records.set(`${name} AAAA`, [{ type: 'AAAA', name, data: '2001:db8::1' }])
  dns.records.set(`${name} CNAME`, [{ type: 'CNAME', name, data: 'Other.example.test' }])
  dns.records.set(`${name} NS`, [{ type: 'NS', name, data: 'ns.example.test' }])
  dns.records.set(`${name} PTR`, [{ type: 'PTR', name, data: 'ptr.example.test' }])
  dns.records.set(`${name} MX`, [{ type: 'MX', name, data: { preference: 10, exchange: 'mx.example.test' } }])
  dns.records.set(`${name} TXT`, [{ type: 'TXT', name, data: ['v=spf1', ' -all'] }])
  const srv = { priority: 1, weight: 2, port: 443, target: 'srv.example.test' }
  dns.records.set(`${name} SRV`, [{ type: 'SRV', name, data: srv }])
  dns.records.set(`${name} CAA`, [
    { type: 'CAA', name, data: { flags: 0, tag: 'issue', value: 'ca.example', issuerCritical: false } },
  ])
  const soa = {
    mname: 'ns.example.test',
    rname: 'ops.example.test',
    serial: 7,
    refresh: 1,
    retry: 1,
    expire: 1,
    minimum: 1,
  }
  dns.records.set(`${name} SOA`, [{ type: 'SOA', name, data: soa }])
  const expected = {
    A: '192.0.2.2',
    AAAA: '2001:DB8::1',
    CNAME: 'other.example.test.',
    NS: 'ns.example.test',
    PTR: 'ptr.example.test',
    MX: '10 mx.example.test',
    TXT: 'v=spf1 -all',
    SRV: '1 2 443 srv.example.test',
    CAA: '0 issue ca.example',
    SOA: 'ns.example.test ops.example.test 7',
  }
  for (const [record, text] of Object.entries(expected)) {
    expect(await look({ record, expected: [text] }), record).toBe('PASS')
    expect(await look({ record, expected: [text, 'another'] }), record).toBe(
      'FAIL: an expected record is not among the answers',
    )
  }
  expect(await look({})).toBe('PASS')
})

test('a failure is told by what it is', async () => {
  await using world = await setUp()
  const { dns, look } = world
  expect(await look({})).toBe('FAIL: the name does not exist')
  dns.records.set(`${name} A`, [{ type: 'A', name, data: '192.0.2.1' }])
  expect(await look({ record: 'MX' })).toBe('FAIL: there is no such record')
  dns.moods.set(name, SERVFAIL)
  expect(await look({})).toBe('FAIL: the server failed')
  dns.moods.set(name, REFUSED)
  expect(await look({})).toBe('FAIL: the server refused to answer')
  expect(await look({ server: '127.0.0.1:1' })).toBe('FAIL: nobody answers at the server')
})

test('a lost packet is no failure, and a server that is silent harms no other check', async () => {
  await using world = await setUp()
  const { dns, look, lookInTime } = world
  dns.records.set(`${name} A`, [{ type: 'A', name, data: '192.0.2.1' }])
  dns.records.set('deaf.test A', [{ type: 'A', name: 'deaf.test', data: '192.0.2.1' }])
  dns.moods.set('deaf.test', 'deaf').set('silent.test', 'silent')
  const silent = Array.from({ length: 20 }, () => lookInTime({ host: 'silent.test' }, 600))
  const deaf = look({ host: 'deaf.test' })
  expect(await look({})).toBe('PASS')
  expect(await deaf).toBe('PASS')
  expect(new Set(await Promise.all(silent))).toEqual(new Set(['FAIL: no answer in time']))
})

test('a thousand addresses, which come by TCP, are looked through', async () => {
  await using world = await setUp()
  const { dns, look } = world
  dns.records.set(`${name} A`, thousand(name))
  expect(await look({})).toBe('PASS')
  expect(await look({ expected: ['10.0.3.231', '10.0.0.0'] })).toBe('PASS')
  expect(await look({ expected: ['10.0.3.232'] })).toBe('FAIL: an expected record is not among the answers')
  expect(dns.byTcp).toEqual(Array(3).fill(`${name} A`))
})

test('each check asks anew', async () => {
  await using world = await setUp()
  const { dns, look } = world
  dns.records.set(`${name} A`, [{ type: 'A', name, data: '192.0.2.1', ttl: 3600 }])
  await look({})
  await look({})
  expect(dns.questions).toEqual([`${name} A`, `${name} A`])
})

test('a faulty config is told', () => {
  expect(faultsOf(dnsCheck, { host: 'a b', server: '192.0.2.1:0', record: 'AA' })).toEqual([
    'host must be a name of DNS: letters, digits, - _ and dots, 253 characters at most',
    'server must be an address, with or without a port: 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:53',
    expect.stringContaining('record must be one of A, AAAA'),
  ])
  for (const server of ['192.0.2.1', '192.0.2.1:53', '2001:db8::1', '[2001:db8::1]:5353']) {
    expect(faultsOf(dnsCheck, { host: name, server })).toEqual([])
  }
  for (const server of ['localhost', '', '[192.0.2.1', '192.0.2.1:65536', '1.2.3:53', '[::1]', '::1:x']) {
    expect(faultsOf(dnsCheck, { host: name, server }), server).toHaveLength(1)
  }
})
