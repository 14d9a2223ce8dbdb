import { MillraceError } from '@millrace/kernel/errors'
import { isTransient } from '../processor/file-input.ts'
import type { FileFailed } from './executor.ts'
import { toldBriefly } from './told-briefly.ts'

const MAX_MESSAGE_CHARS = 2000
const MAX_STACK_LINES = 8
const MAX_STACK_CHARS = 4000
/** Longest evidence of one file, characters of JSON. */
const MAX_DETAIL_CHARS = 64 * 1024

/** What `thrown` says of the file at `index`. Never throws, and gives plain data of bounded size, whatever was thrown. */
export function fileFailure(index: number, thrown: unknown, ms: number): FileFailed {
  try {
    if (thrown instanceof MillraceError) {
      return {
        index,
        code: String(thrown.code),
        message: String(thrown.message).slice(0, MAX_MESSAGE_CHARS),
        transient: isTransient(thrown),
        ms,
        evidence: plain(thrown.detail),
      }
    }
    const message = `The processor threw: ${toldBriefly(thrown)}`
    return { index, code: 'PROCESSOR_FAILED', message, transient: isTransient(thrown), ms, evidence: stackOf(thrown) }
  } catch {
    const message = 'The processor threw something that cannot be looked at.'
    return { index, code: 'PROCESSOR_FAILED', message, transient: false, ms, evidence: {} }
  }
}

function stackOf(thrown: unknown): Readonly<Record<string, unknown>> {
  const text = thrown instanceof Error ? String(thrown.stack ?? '') : String(thrown)
  return { stack: text.slice(0, MAX_STACK_CHARS).split('\n').slice(0, MAX_STACK_LINES).join('\n') }
}

function plain(detail: unknown): Readonly<Record<string, unknown>> {
  const json = JSON.stringify(detail)
  return json.length <= MAX_DETAIL_CHARS ? JSON.parse(json) : {}
}
