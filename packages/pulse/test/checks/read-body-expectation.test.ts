import { expect, test } from 'vitest'
import { readBodyExpectation } from '../../src/checks/read-body-expectation.ts'
import { readFields } from '../read-fields.ts'

test('what a body should be like is read', () => {
  const json_path = { path: '$.status', equals: { a: [1] } }
  const config = { body_contains: 'ok', body_regex: '^\\{', json_path }
  expect(readFields(config, readBodyExpectation)).toEqual({
    value: { contains: 'ok', regex: '^\\{', json: json_path },
    faults: [],
  })
  expect(readFields({}, readBodyExpectation)).toEqual({ value: undefined, faults: [] })
  expect(readFields({ json_path: { path: '$.a' } }, readBodyExpectation).value).toEqual({ json: { path: '$.a' } })
})

test.each([
  ['(a', 'is no pattern of RE2: missing closing ) at character 3; look-around and back-references are not taken'],
  [
    'ab[z-a]',
    'is no pattern of RE2: invalid character class range at character 4; look-around and back-references are not taken',
  ],
  [
    'a(?=b)',
    'is no pattern of RE2: invalid or unsupported Perl syntax at character 2; look-around and back-references are not taken',
  ],
  ['(?:a{1,100}){1,9}b', expect.stringMatching(/^is too large a pattern: it comes to \d+ instructions, at most 1000/)],
])('the pattern %s is refused', (body_regex, fault) => {
  const message = typeof fault === 'string' ? `body_regex ${fault}` : expect.stringContaining('is too large a pattern')
  expect(readFields({ body_regex }, readBodyExpectation).faults).toEqual([message])
  // The second time as the first.
  expect(readFields({ body_regex }, readBodyExpectation).faults).toEqual([message])
})

test.each([
  ['status', 'json_path.path is no JSONPath (RFC 9535) at character 1; one looks like $.status or $.items[0].name'],
  ['$.a[', 'json_path.path is no JSONPath (RFC 9535) at character 5; one looks like $.status or $.items[0].name'],
  ['$[?@.x == ]', expect.stringContaining('json_path.path is no JSONPath (RFC 9535) at character 11')],
])('the path %s is refused', (path, fault) => {
  expect(readFields({ json_path: { path } }, readBodyExpectation).faults).toEqual([fault])
})

test('a path is needed, and nothing else is known', () => {
  const { faults } = readFields({ json_path: { equal: 1 } }, readBodyExpectation)
  expect(faults.join('\n')).toContain('json_path.path is missing')
  expect(faults.join('\n')).toContain('json_path.equal is not a known field')
})
