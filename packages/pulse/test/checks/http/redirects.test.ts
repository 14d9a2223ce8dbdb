import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { found, foundInTime, type Probing } from '../probing.ts'
import { FakeTarget, okWith } from './fake-target.ts'
import { httpProbing } from './http-probing.ts'

let target: FakeTarget
let other: FakeTarget
let probing: Probing

beforeAll(async () => {
  target = await FakeTarget.start()
  other = await FakeTarget.start()
  probing = httpProbing()
  target.on('/well', okWith('fine'))
  other.on('/well', okWith('fine'))
})

beforeEach(() => {
  target.requests.length = 0
  other.requests.length = 0
})

afterAll(async () => {
  await probing[Symbol.asyncDispose]()
  await target[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
})

function redirect(from: string, to: string, status = 302): void {
  target.on(from, `HTTP/1.1 ${status} Elsewhere\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`)
}

function checkOf(path: string, config: object = {}): Promise<string> {
  return found(probing.probe({ url: target.url(path), follow_redirects: 3, ...config }))
}

test('a redirect is followed only if it is said how often', async () => {
  redirect('/a', '/b')
  redirect('/b', '../well')
  expect(await checkOf('/a', { follow_redirects: 0 })).toBe('FAIL: answered 302')
  expect(await checkOf('/a', { follow_redirects: 1 })).toBe('FAIL: it redirects more than 1 times')
  expect(await checkOf('/a', { follow_redirects: 2 })).toBe('PASS')
})

test('one in a circle fails, and costs no more than the circle', async () => {
  redirect('/1', '/2')
  redirect('/2', '/3#again')
  redirect('/3', '/1')
  expect(await checkOf('/1', { follow_redirects: 10 })).toBe('FAIL: its redirects lead in a circle')
  expect(target.requests).toHaveLength(3)
  redirect('/self', '')
  expect(await checkOf('/self')).toBe('FAIL: its redirects lead in a circle')
})

test.each([
  ['file:///etc/passwd', 'it redirects to a file: URL, which is not followed'],
  ['ftp://127.0.0.1/', 'it redirects to a ftp: URL, which is not followed'],
  ['javascript:alert(1)', 'it redirects to a javascript: URL, which is not followed'],
  ['http://user:pass@127.0.0.1/', 'it redirects to a URL with a password, which is not followed'],
  ['http://[::1', 'it redirects to what is no URL'],
])('one to %s fails', async (to, reason) => {
  redirect('/bad', to)
  expect(await checkOf('/bad')).toBe(`FAIL: ${reason}`)
})

test('one without a place is judged by its status', async () => {
  target.on('/nowhere', 'HTTP/1.1 302 Elsewhere\r\nContent-Length: 0\r\n\r\n')
  expect(await checkOf('/nowhere')).toBe('FAIL: answered 302')
})

test('another host is told no secrets, and no form is sent on', async () => {
  redirect('/there', other.url('/well'), 303)
  const headers = { Authorization: 'Bearer hunter2', Cookie: 'a=b', 'X-Mine': '1', 'Content-Type': 'text/plain' }
  expect(await checkOf('/there', { method: 'POST', body: 'form', headers })).toBe('PASS')
  expect(target.requests[0]).toContain('Authorization: Bearer hunter2')
  const [request] = other.requests
  expect(request).toMatch(/^GET \/well /)
  expect(request).toContain('X-Mine: 1')
  expect(request).toContain(`Host: 127.0.0.1:${other.port}\r\n`)
  for (const gone of ['hunter2', 'Cookie', 'Content-', 'form']) expect(request).not.toContain(gone)
})

test('307 asks the same again', async () => {
  redirect('/same', '/well', 307)
  expect(await checkOf('/same', { method: 'POST', body: 'form', headers: { Cookie: 'a=b' } })).toBe('PASS')
  expect(target.requests[1]).toMatch(/^POST \/well [\s\S]*Cookie: a=b[\s\S]*\r\n\r\nform$/)
})

test('all redirects together have one deadline', async () => {
  redirect('/to-silence', '/silence')
  target.on('/silence', () => {})
  const config = { url: target.url('/to-silence'), follow_redirects: 3 }
  expect(await foundInTime(() => probing.probe(config, 300))).toBe('FAIL: no answer in time')
})
