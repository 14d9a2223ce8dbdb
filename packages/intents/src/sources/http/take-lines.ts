import { MillraceError } from '@millrace/kernel/errors'
import type { Context } from 'hono'
import { intentFrom } from '../wire/intent-from.ts'
import { parseJson } from '../wire/parse-json.ts'
import { answerLines } from './answer-lines.ts'
import { refuseKeyOfSeveral } from './idempotency-key.ts'
import type { Line } from './line-splitter.ts'
import { preferenceHeaders } from './preference.ts'
import { itemAnswer } from './problem.ts'
import type { RequestTerms } from './request-terms.ts'
import { type Ending, submitOne } from './submit-as-preferred.ts'

const LAST_PRINTABLE_BLANK = 32

/**
 * Takes a stream of lines, an intent each, and answers with a stream: `{"line", "status", "result" | "error"}`. A client that sends more
 * than its rate is not refused, but read no faster. With the scheduler's stop the stream ends too.
 */
export function takeLines(context: Context, terms: RequestTerms): Response {
  const { door, client, limits, preference } = terms
  refuseKeyOfSeveral(terms.idempotencyKey)
  const over = new AbortController()
  const answer = async (line: Line): Promise<string> => {
    const ending = await endingOf(line, terms)
    if (ending.error instanceof MillraceError && ending.error.code === 'SCHEDULER_STOPPED') over.abort()
    return JSON.stringify({ line: line.number, ...itemAnswer(ending) })
  }
  const stream = answerLines(context.req.raw.body ?? new Blob([]).stream(), {
    answer: (line) => (line.bytes?.every(isBlank) ? undefined : answer(line)),
    whenFree: () => door.whenFree(client),
    maxLineBytes: limits.maxLineBytes,
    maxUnanswered: limits.maxUnanswered,
    signal: over.signal,
  })
  return context.body(stream, 200, { 'content-type': 'application/x-ndjson', ...preferenceHeaders(preference) })
}

async function endingOf({ number, bytes }: Line, terms: RequestTerms): Promise<Ending> {
  try {
    if (bytes === undefined) throw lineTooLong(number, terms.limits.maxLineBytes)
    return await submitOne(intentFrom(parseJson(bytes, `Line ${number}`, { line: number })), terms)
  } catch (error) {
    return { error }
  }
}

function isBlank(byte: number): boolean {
  return byte <= LAST_PRINTABLE_BLANK
}

function lineTooLong(line: number, maxLineBytes: number): MillraceError {
  return new MillraceError('BODY_TOO_LARGE', `Line ${line} is longer than ${maxLineBytes} bytes.`, {
    detail: { line, maxLineBytes },
  })
}
