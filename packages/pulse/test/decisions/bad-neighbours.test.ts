import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MillraceError } from '@millrace/kernel/errors'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPulse } from '../../src/create-pulse.ts'
import { createKinds } from '../../src/kinds.ts'
import { readManifest } from '../../src/manifest/read-manifest.ts'
import { Receiver } from '../alerts/receiver.ts'
import { FakeDns, thousand } from '../checks/fake-dns.ts'
import { FakeTarget, okWith } from '../checks/http/fake-target.ts'
import { selfSigned } from '../checks/tls/self-signed.ts'

const INTERVAL_MS = 1000
/** A process that stands still for half of it knows nothing of its targets, and says so: on a busy machine it does, for a while. */
const TIMEOUT_MS = 900
/** A tick, and what the host's timers are late by. */
const LATE_MS = 20
const SECRET = 'hunter2-of-the-manifest'

let target: FakeTarget
let secure: FakeTarget
let dns: FakeDns
let receiver: Receiver
let folder: string

beforeAll(async () => {
  target = await FakeTarget.start()
  secure = await FakeTarget.start(selfSigned({ notAfter: new Date(Date.now() + 1e10) }))
  dns = await FakeDns.start()
  receiver = await Receiver.listen()
  folder = await mkdtemp(join(tmpdir(), 'millrace-bad-neighbours-'))
})

afterAll(async () => {
  await target[Symbol.asyncDispose]()
  await secure[Symbol.asyncDispose]()
  await dns[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** Answers with a head, and then bit by bit, without end. */
const drip = (head: string, text: string) => (socket: Socket) => {
  socket.write(head)
  const timer = setInterval(() => socket.write(text), 5)
  socket.on('close', () => clearInterval(timer))
}

test('whatever targets and channels do, each is told of in time, their neighbours are checked, and no secret is told', async () => {
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
  target
    .on('/well', okWith('all is fine'))
    .on('/endless', drip(chunked, '1\r\nx\r\n'))
    .on('/loris', drip('HTTP/1.1 200 OK\r\n', 'X'))
    .on('/loop', 'HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n')
    .on('/file', 'HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n')
    // A pattern that goes back would try as many ways as there are numbers of so many bits.
    .on('/regex', okWith(`${'a'.repeat(2000)}!`))
  secure.on('/well', okWith('all is fine'))
  dns.moods.set('silent.test', 'silent')
  // They come by TCP, and each of them refuses.
  dns.records.set('many.test A', thousand('many.test', '127.5'))
  receiver.answer = () => {}

  const http = (url: string, more = '') => `type: http, config: { url: "${url}"${more} }`
  const bad: Record<string, readonly [check: string, reason: RegExp]> = {
    endless: [http(target.url('/endless'), ', body_contains: fine'), /^its body did not come in time$/],
    loris: [http(target.url('/loris')), /^no answer in time$/],
    loop: [http(target.url('/loop'), ', follow_redirects: 9'), /^its redirects lead in a circle$/],
    file: [http(target.url('/file'), ', follow_redirects: 9'), /^it redirects to a file: URL/],
    regex: [http(target.url('/regex'), ', body_regex: "^(a+)+$"'), /^the body does not match the pattern$/],
    certificate: [http(secure.url('/well', 'localhost')), /^its certificate is signed by nobody but itself$/],
    nowhere: ['type: tcp, config: { host: nowhere.test, port: 1 }', /^does not resolve$/],
    silent: ['type: tcp, config: { host: silent.test, port: 1 }', /^does not resolve/],
    absent: [
      `type: dns, config: { host: many.test, server: "${dns.server}", expected: [192.0.2.1] }`,
      /^an expected record is not among the answers$/,
    ],
    many: [`type: tcp, config: { host: many.test, port: ${target.port} }`, /^refuses connections$/],
  }
  const good: Record<string, string> = {
    well: http(target.url('/well'), `, headers: { Authorization: "${SECRET}" }, body_contains: fine`),
    found: `type: dns, config: { host: many.test, server: "${dns.server}", expected: [127.5.3.231] }`,
    open: `type: tcp, config: { host: 127.0.0.1, port: ${target.port} }`,
  }
  /** A body has as long as its thread is given for it, and not only what its target has: how soon that gets its turn is the machine's affair. */
  const timing = (name: string) =>
    name === 'regex' ? 'interval: 5s, timeout: 5s' : `interval: ${INTERVAL_MS}ms, timeout: ${TIMEOUT_MS}ms`
  const monitor = ([name, check]: readonly [string, string]) => `  - name: ${name}
    pulse_check: { ${timing(name)}, unhealthy_threshold: 1, ${check} }
    codes: { red: { notify_group: all } }
`
  const file = join(folder, 'alerts.jsonl')
  const manifest = `endpoints:
  hangs: { type: webhook, config: { url: "${receiver.url}/?token=${SECRET}" } }
  full: { type: log, config: { file: ${existsSync('/dev/full') ? '/dev/full' : folder} } }
  works: { type: log, config: { file: ${file} } }
notification_groups: { all: [hangs, full, works] }
monitors:
${Object.entries(bad)
  .map(([name, [check]]) => monitor([name, check]))
  .join('')}${Object.entries(good).map(monitor).join('')}`

  const kinds = createKinds({ network: { dnsServers: [dns.server], hostsFile: '/dev/null' } })
  const logged: string[] = []
  const log = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`)
  const pulse = createPulse({ kinds, logger: { debug: log, info: log, warn: log, error: log } })
  await pulse.load(readManifest([new TextEncoder().encode(manifest)], { kinds }))
  /** What the channel that works was told: of each monitor its last colour. */
  const lines = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [])
  const toldOf = () =>
    new Map(
      lines().map((line) => {
        const { monitor, code } = JSON.parse(line) as { monitor: string; code: string }
        return [monitor, code]
      }),
    )
  /** By the engine's clock: a check in which this process stood still for long says nothing of that. */
  const isInTime = (name: string) => (pulse.find(name)!.lastLatencyMs ?? Number.NaN) <= TIMEOUT_MS + LATE_MS
  const names = Object.keys({ ...bad, ...good })
  /** Monitors of which one check was in time, and those that were seen as they are: on a busy machine, not all of them at once. */
  const inTime = new Set<string>()
  const seen = new Set<string>()
  const isSeen = (name: string) => {
    const { state, reason } = pulse.find(name)!
    const why = bad[name]?.[1]
    return why === undefined
      ? state === 'up' && reason === undefined
      : state === 'down' && reason !== undefined && why.test(reason)
  }
  const look = () => {
    for (const name of names) {
      if (isInTime(name)) inTime.add(name)
      if (isSeen(name)) seen.add(name)
    }
    if (!seen.has('regex')) pulse.runNow('regex')
  }
  const isDone = () =>
    inTime.size === names.length && seen.size === names.length && Object.keys(bad).every((name) => toldOf().has(name))
  await pulse.start()
  // A bound against hangs: two intervals and a timeout are enough.
  for (const until = performance.now() + 45_000; !isDone() && performance.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    look()
  }

  expect([...inTime].sort()).toEqual([...names].sort())
  const unseen = names.filter((name) => !seen.has(name)).map((name) => pulse.find(name))
  expect(unseen).toEqual([])
  // The channel that works has them all, whatever the two beside it do.
  expect([...toldOf().keys()]).toEqual(expect.arrayContaining(Object.keys(bad)))
  expect(new Set(toldOf().values())).toEqual(new Set(['red']))
  expect(pulse.find('many')!.undelivered).toEqual(['red'])

  const from = performance.now()
  await pulse.stop({ withinMs: 200 })
  expect(performance.now() - from).toBeLessThan(10_000)
  expect(JSON.stringify([logged, lines(), pulse.metrics, pulse.health])).not.toContain(SECRET)
})

test('what would break a request is told of with its line, and its neighbours are read; and no secret is told', async () => {
  const kinds = createKinds()
  const text = `monitors:
  - name: header
    pulse_check: { type: http, interval: 1s, config: { url: "http://h/", headers: { "X-Token": "${SECRET}\\r\\nEvil: 1" } } }
  - name: name of a header
    pulse_check: { type: http, interval: 1s, config: { url: "http://h/", headers: { "X-A\\r\\nEvil": "1" } } }
  - name: url
    pulse_check: { type: http, interval: 1s, config: { url: "file:///etc/passwd" } }
  - name: pattern
    pulse_check: { type: http, interval: 1s, config: { url: "http://h/", body_regex: "(a" } }
  - name: well
    pulse_check: { type: http, interval: 1s, config: { url: "http://h/", headers: { "X-Token": "${SECRET}" } } }
`
  const manifest = readManifest([new TextEncoder().encode(text)], { kinds })
  const read: number[] = []
  const reading = (async () => {
    for await (const { lines } of manifest) read.push(...lines)
  })()
  const error = await reading.catch((thrown: unknown) => thrown as MillraceError)
  expect(error).toMatchObject({ code: 'MANIFEST_INVALID' })
  expect(manifest.faults.told.map(({ line, monitor }) => [line, monitor])).toEqual([
    [3, 'header'],
    [5, 'name of a header'],
    [7, 'url'],
    [9, 'pattern'],
  ])
  expect(read).toEqual([10])
  expect(JSON.stringify([error, (error as MillraceError).message, manifest.faults.told])).not.toContain(SECRET)
})
