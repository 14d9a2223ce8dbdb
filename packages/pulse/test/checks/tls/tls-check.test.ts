import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import type { CheckKind } from '../../../src/checks/check.ts'
import { createTlsCheck } from '../../../src/checks/tls/tls-check.ts'
import { FakeTarget } from '../http/fake-target.ts'
import { faultsOf, found, foundInTime, Probing } from '../probing.ts'
import { type SelfSignedOptions, selfSigned } from './self-signed.ts'

const DAY_MS = 86_400_000

function inDays(days: number): Date {
  return new Date(Date.now() + days * DAY_MS + 60_000)
}

/** What a check finds of a server with such a certificate, which is trusted unless it is said otherwise. */
async function findingOf(certificate: SelfSignedOptions, config: object = {}, isTrusted = true): Promise<string> {
  const tls = selfSigned(certificate)
  await using target = await FakeTarget.start(tls)
  await using probing = new Probing(createTlsCheck(isTrusted ? { ca: tls.cert } : {}) as CheckKind)
  return await found(probing.probe({ host: 'localhost', port: target.port, ...config }))
}

test('a certificate that holds for long passes', async () => {
  expect(await findingOf({ notAfter: inDays(90) })).toBe('PASS')
})

test('one that ends soon passes with a warning, one that ends very soon fails', async () => {
  expect(await findingOf({ notAfter: inDays(20) })).toBe('WARN: its certificate ends in 20 days')
  expect(await findingOf({ notAfter: inDays(20) }, { warn_days: 15 })).toBe('PASS')
  expect(await findingOf({ notAfter: inDays(6) })).toBe('FAIL: its certificate ends in 6 days')
  expect(await findingOf({ notAfter: inDays(1) })).toBe('FAIL: its certificate ends in 1 day')
  expect(await findingOf({ notAfter: inDays(0) })).toBe('FAIL: its certificate ends within a day')
})

test('one that does not hold fails, and says why', async () => {
  const notAfter = inDays(90)
  expect(await findingOf({ notAfter: inDays(-1) })).toBe('FAIL: its certificate has expired')
  expect(await findingOf({ notBefore: inDays(1), notAfter })).toBe('FAIL: its certificate is not valid yet')
  expect(await findingOf({ notAfter, names: ['example.org'] })).toBe('FAIL: its certificate is for another name')
  expect(await findingOf({ notAfter }, {}, false)).toBe('FAIL: its certificate is signed by nobody but itself')
})

test('the name that is asked for may be another than the host', async () => {
  const certificate = { notAfter: inDays(90), names: ['example.org'] }
  expect(await findingOf(certificate, { server_name: 'Example.org' })).toBe('PASS')
  expect(await findingOf(certificate, { host: '127.0.0.1' })).toBe('FAIL: its certificate is for another name')
})

test.each([
  ['who speaks something else', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'does not speak TLS'],
  ['who hangs up', undefined, 'hung up during the TLS handshake'],
])('%s fails', async (_, answer, reason) => {
  await using server = createServer((socket) => {
    socket.on('error', () => {})
    if (answer === undefined) socket.resume().end()
    else socket.once('data', () => socket.end(answer))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await using probing = new Probing(createTlsCheck() as CheckKind)
  expect(await found(probing.probe({ host: 'localhost', port }))).toBe(`FAIL: ${reason}`)
})

test('who says nothing ends by the deadline', async () => {
  await using server = createServer((socket) => void socket.on('error', () => {})).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await using probing = new Probing(createTlsCheck() as CheckKind)
  expect(await foundInTime(() => probing.probe({ host: '127.0.0.1', port }, 300))).toBe(
    'FAIL: no end of the TLS handshake in time',
  )
})

test('what is wrong with a config is told', () => {
  const kind = createTlsCheck() as CheckKind
  expect(faultsOf(kind, { host: 'a', port: 443 })).toEqual([])
  expect(faultsOf(kind, { host: 'https://a', port: 443, warn_days: 3, critical_days: 4, server_name: 'a b' })).toEqual([
    'host must be a name or an address alone: db.internal, 192.0.2.1 or 2001:db8::1, without scheme, port or path',
    'server_name must be the name, or the address, that the certificate is for: example.org',
    'critical_days must be at most warn_days (3): what is critical was warned of before',
  ])
})
