import { afterAll, beforeAll, expect, test } from 'vitest'
import { found, foundInTime } from '../probing.ts'
import { selfSigned } from '../tls/self-signed.ts'
import { FakeTarget, okWith } from './fake-target.ts'
import { httpProbing } from './http-probing.ts'

const tls = selfSigned({ notAfter: new Date(Date.now() + 1e10) })
let target: FakeTarget

beforeAll(async () => {
  target = await FakeTarget.start(tls)
  target.on('/well', okWith('all is fine'))
  target.on('/silent', () => {})
})

afterAll(() => target[Symbol.asyncDispose]())

test('a certificate that holds', async () => {
  await using probing = httpProbing({ ca: tls.cert })
  const config = { url: target.url('/well', 'localhost'), body_contains: 'fine' }
  expect(await found(probing.probe(config))).toBe('PASS')
  const before = target.connections
  for (let turn = 0; turn < 3; turn++) expect(await found(probing.probe({ ...config, keep_alive: true }))).toBe('PASS')
  expect(target.connections).toBe(before + 1)
})

test('one that does not is a failure with the reason, unless it is not to be looked at', async () => {
  await using probing = httpProbing()
  const url = target.url('/well', 'localhost')
  expect(await found(probing.probe({ url }))).toBe('FAIL: its certificate is signed by nobody but itself')
  expect(await found(probing.probe({ url, insecure_skip_verify: true, keep_alive: true }))).toBe('PASS')
  // A connection that nobody looked at is not one for those who do.
  expect(await found(probing.probe({ url, keep_alive: true }))).toMatch(/^FAIL: its certificate/)
  await using trusting = httpProbing({ ca: tls.cert })
  expect(await found(trusting.probe({ url: target.url('/well') }))).toBe('FAIL: its certificate is for another name')
})

test('plain HTTP where TLS is spoken, and TLS where it is not', async () => {
  await using plain = await FakeTarget.start()
  plain.on('/well', okWith('fine'))
  await using probing = httpProbing({ ca: tls.cert })
  expect(await found(probing.probe({ url: target.url('/well').replace('https', 'http') }))).toMatch(
    /^FAIL: (hung|does)/,
  )
  const url = plain.url('/well').replace('http', 'https')
  // The server waits for the end of a line that does not come.
  expect(await foundInTime(() => probing.probe({ url }, 200))).toBe('FAIL: no end of the TLS handshake in time')
})

test('who says nothing after the handshake ends by the deadline', async () => {
  await using probing = httpProbing({ ca: tls.cert })
  const ended = foundInTime(() => probing.probe({ url: target.url('/silent', 'localhost') }, 400))
  expect(await ended).toBe('FAIL: no answer in time')
})
