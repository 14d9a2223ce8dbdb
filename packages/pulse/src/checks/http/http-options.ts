import type { Fields } from '../../manifest/fields.ts'
import type { BodyExpectation } from '../check.ts'
import { readBodyExpectation } from '../read-body-expectation.ts'
import { readStatusRange, type StatusRanges } from './expected-status.ts'
import { readHttpUrl } from './http-target.ts'

/** What an HTTP check asks, and what it expects. */
export interface HttpOptions {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly expectedStatus: StatusRanges
  /** What the body should be like; undefined if it is not read. */
  readonly expectedBody?: BodyExpectation
  readonly insecureSkipVerify: boolean
  /** Answers that take longer fail, in ms. */
  readonly maxLatencyMs?: number
  /** 0 for none: then it is judged by its status. */
  readonly followRedirects: number
  readonly keepAlive: boolean
  /** Bytes of a body that are read at most. */
  readonly maxBody: number
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** These say how the request itself is written. */
const OWN_HEADERS = ['connection', 'content-length', 'transfer-encoding', 'upgrade', 'keep-alive', 'te', 'trailer']
const MAX_HEADERS_LENGTH = 16_384
const DEFAULT_MAX_BODY = 65_536
const MOST_MAX_BODY = 16 * 1024 * 1024
const MOST_REDIRECTS = 10

export function readHttpConfig(fields: Fields): { readonly target: string; readonly options: HttpOptions } {
  const target = readUrl(fields)
  const method = fields.oneOf('method', METHODS, 'GET')
  const headers = readHeaders(fields)
  const body = fields.string('body', '')
  const expectedStatus = readExpectedStatus(fields)
  const insecureSkipVerify = fields.boolean('insecure_skip_verify', false)
  const expectedBody = readBodyExpectation(fields)
  if (expectedBody !== undefined && method === 'HEAD') {
    fields.fault(
      'method',
      'is HEAD, whose answer has no body: use GET, or leave body_contains, body_regex and json_path out',
    )
  }
  const maxLatencyMs = fields.has('max_latency') ? fields.durationMs('max_latency', { min: 1 }) : undefined
  const followRedirects = fields.integer('follow_redirects', { min: 0, max: MOST_REDIRECTS }, 0)
  const keepAlive = fields.boolean('keep_alive', false)
  const maxBody = fields.integer('max_body', { min: 1, max: MOST_MAX_BODY }, DEFAULT_MAX_BODY)
  fields.end()
  return {
    target,
    options: {
      method,
      headers,
      body,
      expectedStatus,
      ...(expectedBody !== undefined && { expectedBody }),
      insecureSkipVerify,
      ...(maxLatencyMs !== undefined && { maxLatencyMs }),
      followRedirects,
      keepAlive,
      maxBody,
    },
  }
}

function readUrl(fields: Fields): string {
  const text = fields.string('url')
  if (text === '') return ''
  const read = readHttpUrl(text)
  if ('url' in read) return read.url
  fields.fault('url', read.fault)
  return ''
}

function readHeaders(fields: Fields): Readonly<Record<string, string>> {
  const headers = fields.record('headers')
  let length = 0
  for (const [name, value] of Object.entries(headers)) {
    const fault = headerFault(name, value)
    if (fault !== undefined) fields.fault(`headers.${name.replace(/[^\x21-\x7e]/g, '?')}`, fault)
    length += name.length + value.length
  }
  if (length > MAX_HEADERS_LENGTH) fields.fault('headers', `are longer than ${MAX_HEADERS_LENGTH} bytes together`)
  return headers
}

// A value may be a secret: it is never shown.
function headerFault(name: string, value: string): string | undefined {
  if (!HEADER_NAME.test(name)) return 'is no name of a header: letters, digits and - may be in it, and no blank'
  if (/[\r\n]/.test(value)) return 'has a line break in it, which would begin another header: leave it out'
  if (!HEADER_VALUE.test(value))
    return 'has a character in it that no header can carry: only ISO 8859-1, without control characters'
  if (OWN_HEADERS.includes(name.toLowerCase())) return 'is written by the check itself: leave it out'
  return undefined
}

function readExpectedStatus(fields: Fields): StatusRanges {
  const value = fields.any('expected_status') ?? [200]
  const ranges: number[] = []
  const entries = Array.isArray(value) ? value : [value]
  if (entries.length === 0) fields.fault('expected_status', 'is empty: name the statuses that are good, such as [200]')
  for (const entry of entries) {
    const range = readStatusRange(entry)
    if (range !== undefined) ranges.push(...range)
    else fields.fault('expected_status', 'must be a list of statuses, each such as 200, "2xx" or "200-299"')
  }
  return ranges
}
