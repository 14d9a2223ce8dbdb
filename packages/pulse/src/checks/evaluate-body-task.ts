import { isDeepStrictEqual } from 'node:util'
import { defineTask, optional, record, string, uint8Array } from '@millrace/pool'
import { query } from 'jsonpath-rfc9535'
import { RE2JS } from 're2js'
import type { BodyExpectation } from './check.ts'
import { containsText, DOES_NOT_CONTAIN } from './contains-text.ts'

/** Expectations whose patterns are kept compiled. */
const REMEMBERED = 256

const bodyTask = defineTask({
  /** The expectation as JSON: many bodies come with the same, which is read once. */
  input: record({ body: uint8Array, expectation: string }),
  output: optional(string),
  retryable: false,
  run: ({ body, expectation }) => judgeOf(expectation)(body),
})

/** What the worker serves. */
export const bodyTasks = { evaluate: bodyTask }

export type BodyTasks = typeof bodyTasks

type Judge = (body: Uint8Array) => string | undefined

const judges = new Map<string, Judge>()

function judgeOf(written: string): Judge {
  let judge = judges.get(written)
  if (judge === undefined) {
    judge = compile(JSON.parse(written) as BodyExpectation)
    if (judges.size === REMEMBERED) judges.clear()
    judges.set(written, judge)
  }
  return judge
}

function compile({ contains, regex, json }: BodyExpectation): Judge {
  const pattern = regex === undefined ? undefined : RE2JS.compile(regex)
  return (body) => {
    if (contains !== undefined && !containsText(body, contains)) return DOES_NOT_CONTAIN
    if (pattern !== undefined && !pattern.matcher(body).find()) return 'the body does not match the pattern'
    return json === undefined ? undefined : judgeJson(body, json)
  }
}

function judgeJson(body: Uint8Array, json: BodyExpectation['json'] & {}): string | undefined {
  let document: Parameters<typeof query>[0]
  try {
    // A copy: a decoder takes no shared memory.
    document = JSON.parse(new TextDecoder().decode(new Uint8Array(body)))
  } catch {
    return 'the body is not JSON'
  }
  const found: readonly unknown[] = query(document, json.path)
  if (found.length === 0) return 'the body has nothing at the path'
  if (!Object.hasOwn(json, 'equals')) return undefined
  return found.some((value) => isDeepStrictEqual(value, json.equals))
    ? undefined
    : 'the body has something else at the path'
}
