import { VirtualClock } from '@millrace/kernel'
import type { Answer } from 'dns-packet'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Verdict } from '../../../src/checks/check.ts'
import { Probe } from '../../../src/checks/tcp/probe.ts'
import { ProbeLine } from '../../../src/checks/tcp/probe-line.ts'
import { FakeDns } from '../fake-dns.ts'

/** A probe whose connections fail as it is told: by address an error's code, or silence. */
class Scripted extends Probe {
  readonly tried: string[] = []
  readonly #codes: Readonly<Record<string, string>>

  constructor(line: ProbeLine, codes: Readonly<Record<string, string>>) {
    super(line, 1, 1000)
    this.#codes = codes
    this.reach('host.test')
  }

  protected override connect(address: string): void {
    this.tried.push(address)
    const code = this.#codes[address]
    if (code !== undefined) process.nextTick(() => this.refused(Object.assign(new Error(code), { code })))
  }

  protected override close(): void {}

  protected override late(): string {
    return 'never'
  }
}

const clock = new VirtualClock()
let dns: FakeDns
let line: ProbeLine
let ends: [verdict: Verdict, latencyMs: number, reason: string | undefined][]

beforeAll(async () => {
  dns = await FakeDns.start()
  const v6: Answer = { type: 'AAAA', name: 'host.test', data: '2001:db8::1' }
  dns.records.set('host.test A', [{ type: 'A', name: 'host.test', data: '192.0.2.1' }])
  dns.records.set('host.test AAAA', [v6])
})

afterAll(() => dns[Symbol.asyncDispose]())

beforeEach(() => {
  ends = []
  const end = (_: number, verdict: Verdict, latencyMs: number, reason: string | undefined) =>
    ends.push([verdict, latencyMs, reason])
  line = new ProbeLine(end, { clock, dnsServers: [dns.server], hostsFile: '/dev/null' })
})

/** Lets the name server answer, and whatever follows happen. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

async function endOf(codes: Readonly<Record<string, string>>): Promise<string | undefined> {
  const before = ends.length
  new Scripted(line, codes)
  await until(() => ends.length > before)
  const [verdict, , reason] = ends.at(-1)!
  return `${verdict === Verdict.FAULT ? 'FAULT' : 'FAIL'}: ${reason}`
}

test('what is our own fault says nothing of the target', async () => {
  for (const code of ['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']) {
    expect(await endOf({ '192.0.2.1': code, '2001:db8::1': code })).toMatch(/^FAULT: no .* is free/)
  }
})

test('a family of addresses that is not in use here hides nothing, whichever is tried first', async () => {
  for (let turn = 0; turn < 2; turn++) {
    const codes = { '192.0.2.1': 'ECONNREFUSED', '2001:db8::1': turn === 0 ? 'ENETUNREACH' : 'EADDRNOTAVAIL' }
    for (let start = 0; start < 2; start++) expect(await endOf(codes)).toBe('FAIL: refuses connections')
  }
})

test('one that is asked for its end gives it at once, whatever it still could try, and once', async () => {
  const probe = new Scripted(line, {})
  await until(() => probe.tried.length === 1)
  line.expire(1)
  expect(ends).toEqual([[Verdict.FAIL, expect.any(Number), 'no connection in time']])
  line.expire(1)
  clock.advance(10_000)
  expect(ends).toHaveLength(1)
  expect(probe.tried).toHaveLength(1)
})

test('an address that says nothing has its share of the time, and no more', async () => {
  const probe = new Scripted(line, {})
  await until(() => probe.tried.length === 1)
  clock.advance(520)
  expect(probe.tried).toEqual(['192.0.2.1', '2001:db8::1'])
  expect(ends).toEqual([])
  clock.advance(500)
  expect(ends).toEqual([[Verdict.FAIL, expect.closeTo(1000, -2), 'no connection in time']])
  clock.advance(10_000)
  expect(ends).toHaveLength(1)
  expect(clock.pending).toBe(0)
})
