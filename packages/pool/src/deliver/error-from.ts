import { MillraceError } from '@millrace/kernel/errors'
import type { Fault } from '../protocol.ts'

/** The error that a worker told of, as near as it can be made: name, message, stack, and code and detail of our own. */
export function errorFrom({ name, message, stack, code, detail }: Fault): Error {
  const error = code === undefined ? new Error(message) : new MillraceError(code, message, { detail: detail ?? {} })
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
  if (stack !== undefined) Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true })
  return error
}
