import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CheckKind } from '../../src/checks/check.ts'
import { defineCheck } from '../../src/checks/define-check.ts'
import { dnsCheck } from '../../src/checks/dns/dns-check.ts'
import { dockerCheck } from '../../src/checks/docker/docker-check.ts'
import { createHttpCheck } from '../../src/checks/http/http-check.ts'
import { icmpCheck } from '../../src/checks/icmp/icmp-check.ts'
import { createTcpCheck } from '../../src/checks/tcp/tcp-check.ts'
import { createTlsCheck } from '../../src/checks/tls/tls-check.ts'
import { FakeDocker } from '../docker/fake-docker.ts'
import { FakePrograms } from '../fake-programs.ts'
import { FakeDns } from './fake-dns.ts'
import { FakeTarget } from './http/fake-target.ts'
import { found, Probing } from './probing.ts'

/** Far longer than any of these tests: what ends here ends because it is asked. */
const TIMEOUT_MS = 60_000

let silent: Server
let port = 0
let connections = 0
let target: FakeTarget
let dns: FakeDns
let docker: FakeDocker
let programs: FakePrograms

beforeAll(async () => {
  silent = createServer((socket) => {
    connections++
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  port = (silent.address() as { port: number }).port
  target = await FakeTarget.start()
  target.on('/half', 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nx')
  dns = await FakeDns.start()
  dns.moods.set('silent.test', 'silent')
  docker = await FakeDocker.start()
  docker.mode = 'hang'
  programs = await FakePrograms.create({ fping: 'echo "$*" >> $LOG; exec sleep 60' })
})

afterAll(async () => {
  await programs[Symbol.asyncDispose]()
  await docker[Symbol.asyncDispose]()
  await dns[Symbol.asyncDispose]()
  await target[Symbol.asyncDispose]()
  silent.close()
})

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** What a check says that is asked for its end once `isUnderWay`. */
async function askedOf(kind: CheckKind, config: object, isUnderWay: () => boolean | Promise<boolean>) {
  await using probing = new Probing(kind)
  const probed = found(probing.probe(config, TIMEOUT_MS))
  await until(isUnderWay)
  expect(probing.underWay).toBe(1)
  probing.expire()
  expect(probing.underWay, 'ended within the call').toBe(0)
  // It has ended, and says no more.
  probing.expire()
  return await probed
}

test('each kind that waits for somebody can be asked for its end, and says then what it knows', async () => {
  const begun = connections
  const network = { dnsServers: [dns.server], hostsFile: '/dev/null' }
  const tls = createTlsCheck() as CheckKind
  expect(await askedOf(tls, { host: '127.0.0.1', port }, () => connections > begun)).toBe(
    'FAIL: no end of the TLS handshake in time',
  )
  const http = createHttpCheck() as CheckKind
  const seen = connections
  expect(await askedOf(http, { url: `http://127.0.0.1:${port}/` }, () => connections > seen)).toBe(
    'FAIL: no answer in time',
  )
  const tcp = createTcpCheck(network) as CheckKind
  expect(await askedOf(tcp, { host: 'silent.test', port }, () => dns.questions.length > 0)).toBe(
    'FAIL: does not resolve in time',
  )
  const asked = dns.questions.length
  const config = { host: 'silent.test', server: dns.server }
  expect(await askedOf(dnsCheck as CheckKind, config, () => dns.questions.length > asked)).toBe(
    'FAIL: no answer in time',
  )
  const container = { container: 'api', socket: docker.socket }
  expect(await askedOf(dockerCheck as CheckKind, container, () => docker.requests.length > 0)).toBe(
    'FAIL: no answer in time',
  )
  const icmp = icmpCheck({ searchPath: programs.searchPath }) as CheckKind
  const isPinged = async () => (await programs.log()).length > 0
  expect(await askedOf(icmp, { host: '192.0.2.1' }, isPinged)).toBe('FAIL: no answer in time')
  let isCalled = false
  const own = defineCheck({
    type: 'own',
    check: () => {
      isCalled = true
      return new Promise(() => {})
    },
  })
  expect(await askedOf(own as CheckKind, {}, () => isCalled)).toBe('FAIL: no answer in time')
})

/** What a check of half an answer says, asked as soon as that has been read: from outside nobody sees when. */
async function askedOfHalf(config: object): Promise<string> {
  let found = ''
  for (let waitMs = 1; waitMs < 100 && !/body|PASS/.test(found); waitMs++) {
    const before = target.requests.length
    const isRead = async () => {
      if (target.requests.length === before) return false
      await new Promise((resolve) => setTimeout(resolve, waitMs))
      return true
    }
    found = await askedOf(createHttpCheck() as CheckKind, { url: target.url('/half'), ...config }, isRead)
  }
  return found
}

test('half an answer is not enough where its body is asked for', async () => {
  expect(await askedOfHalf({ body_contains: 'y' })).toBe('FAIL: its body did not come in time')
})

test('a check that has what it needs passes when it is asked, though its connection waits for more', async () => {
  expect(await askedOfHalf({ keep_alive: true })).toBe('PASS')
})
