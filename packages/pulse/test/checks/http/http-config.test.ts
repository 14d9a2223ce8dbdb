import { holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CheckKind } from '../../../src/checks/check.ts'
import { createHttpCheck } from '../../../src/checks/http/http-check.ts'
import { parseHttpUrl, readHttpUrl } from '../../../src/checks/http/http-target.ts'
import { faultsOf } from '../probing.ts'

const kind = createHttpCheck() as CheckKind
const url = 'http://a/'

test.each([
  ['http://127.0.0.1:8080/health', 'http://127.0.0.1:8080/health'],
  ['http://api/a/b-c_d?x=1', 'http://api/a/b-c_d?x=1'],
  ['HTTP://Api.Example.ORG', 'http://api.example.org/'],
  ['https://a:443/x#y', 'https://a/x'],
  ['http://a:80/', 'http://a/'],
  ['http://a:443/', 'http://a:443/'],
  ['http://a/b/../c', 'http://a/c'],
  ['http://127.1/', 'http://127.0.0.1/'],
  ['http://[::1]:8080/x', 'http://[::1]:8080/x'],
  ['http://bücher.example/ü', 'http://xn--bcher-kva.example/%C3%BC'],
])('%s is %s', (text, canonical) => {
  expect(readHttpUrl(text)).toEqual({ url: canonical })
  expect(URL.parse(canonical)?.href).toBe(canonical)
})

test.each([
  'file:///etc/passwd',
  'ftp://a/',
  'a/b',
  'http://',
  'http://user:secret@a/',
  'http://a/\r\nX-Injected: 1',
  'http://a/ b',
  ' http://a/',
  'http://a:70000/',
  `http://a/${'x'.repeat(9000)}`,
])('%j is refused, without saying it again', (text) => {
  const [fault, ...others] = faultsOf(kind, { url: text })
  expect(others).toEqual([])
  expect(fault).toMatch(/^url /)
  expect(fault).not.toContain('secret')
})

test('what is plainly canonical is what the parser of URLs makes of it', async () => {
  const part = fc.constantFrom('0', '1', '01', '9', '25', '99', '199', '249', '255', '256', '999', 'a', 'a1', '')
  const host = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('.'))
  const port = fc.constantFrom('', ':', ':80', ':443', ':8080', ':08', ':65535', ':65536')
  const path = fc.constantFrom('', '/', '/health', '/1.5/', '/./a', '/a/../b', '/.a', '/%41', '/a?b=1', '/a#b')
  await holds(
    fc.property(fc.constantFrom('http', 'https'), host, port, path, (scheme, name, behind, rest) => {
      const text = `${scheme}://${name}${behind}${rest}`
      const url = URL.parse(text)
      if (url !== null) url.hash = ''
      const read = readHttpUrl(text)
      const target = kind.targetOfField!('url', text)
      return 'url' in read ? read.url === url?.href && target === read.url : target === undefined
    }),
    5000,
  )
  expect(kind.targetOfField!('body', 'http://a/')).toBeUndefined()
})

test('a canonical URL is taken apart', () => {
  expect(parseHttpUrl('https://[2001:db8::1]:8443/a?b')).toEqual({
    isSecure: true,
    host: '2001:db8::1',
    port: 8443,
    authority: '[2001:db8::1]:8443',
    origin: 'https://[2001:db8::1]:8443',
    path: '/a?b',
  })
  expect(parseHttpUrl('http://web1/')).toMatchObject({ host: 'web1', port: 80, authority: 'web1', path: '/' })
  expect(kind.hostOf('http://web1:8080/', {})).toBe('web1')
})

test('headers that would break a request are refused, and their values not shown', () => {
  for (const headers of [
    { 'X-A': 'hunter2\r\nX-B: c' },
    { 'X-A': 'hunter2\n' },
    { 'X-A': 'hunter2 ☃' },
    { 'X A': 'hunter2' },
    { 'X-A\r\nX-B': 'hunter2' },
    { '': 'hunter2' },
    { Connection: 'hunter2' },
    { 'transfer-encoding': 'hunter2' },
    { 'X-A': `hunter2${'x'.repeat(20_000)}` },
  ]) {
    const [fault, ...others] = faultsOf(kind, { url, headers })
    expect(others).toEqual([])
    expect(fault).toMatch(/^headers/)
    expect(fault).not.toMatch(/hunter2|[\r\n]/)
  }
})

test('statuses are numbers, hundreds and ranges', () => {
  for (const good of [200, [200, 204], '2xx', ['2XX', '300-399', '404']]) {
    expect(faultsOf(kind, { url, expected_status: good })).toEqual([])
  }
  for (const bad of [[], 'ok', 99, 600, '299-200', ['2x'], [null], { a: 1 }]) {
    expect(faultsOf(kind, { url, expected_status: bad })).toHaveLength(1)
  }
})

test('what is wrong with the rest is told', () => {
  expect(faultsOf(kind, {})).toEqual(['url is missing'])
  expect(faultsOf(kind, { url, method: 'get' })[0]).toMatch(/^method must be one of/)
  expect(faultsOf(kind, { url, method: 'HEAD', body_contains: 'x' })[0]).toMatch(/^method is HEAD/)
  expect(faultsOf(kind, { url, follow_redirects: 11 })).toHaveLength(1)
  expect(faultsOf(kind, { url, max_body: 0 })).toHaveLength(1)
  expect(faultsOf(kind, { url, max_latency: 0 })).toHaveLength(1)
  expect(faultsOf(kind, { url, body_regex: '(' })[0]).toMatch(/^body_regex/)
  expect(faultsOf(kind, { url, timeout: 1 })[0]).toMatch(/^timeout is not a known field/)
})
