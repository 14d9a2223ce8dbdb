import { MillraceError } from '@millrace/kernel/errors'

/** An input that no thread can be sent. */
export function inputNotClonable(told: string): MillraceError {
  return new MillraceError(
    'INPUT_NOT_CLONABLE',
    `the input cannot be sent to another thread: ${withoutStop(told)}; give the task plain data, without functions`,
  )
}

/** An output that no thread can be sent. */
export function outputNotClonable(told: string): MillraceError {
  return new MillraceError(
    'OUTPUT_NOT_CLONABLE',
    `the task's output cannot be sent to another thread: ${withoutStop(told)}; return plain data, without functions`,
  )
}

/** What a host says ends with a full stop, and the sentence goes on. */
function withoutStop(told: string): string {
  return told.replace(/\.$/, '')
}
