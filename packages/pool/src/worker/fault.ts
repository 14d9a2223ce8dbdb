import { MillraceError } from '@millrace/kernel/errors'
import { workerGlobals } from '../channel/worker-globals.ts'
import type { Fault } from '../protocol.ts'

/** What was thrown, as plain data: whatever it is, and however it answers to being looked at. */
export function faultOf(thrown: unknown): Fault {
  try {
    if (!(thrown instanceof Error)) return plain(String(thrown))
    const { name, message, stack } = thrown
    const isOurs = thrown instanceof MillraceError
    return {
      name: String(name),
      message: String(message),
      stack: stack === undefined ? undefined : String(stack),
      code: isOurs ? thrown.code : undefined,
      detail: isOurs ? clonedOrNothing(thrown.detail) : undefined,
    }
  } catch {
    return plain(`what was thrown, ${typeof thrown}, cannot be told`)
  }
}

function plain(message: string): Fault {
  return { name: 'Error', message, stack: undefined, code: undefined, detail: undefined }
}

function clonedOrNothing(detail: MillraceError['detail']): MillraceError['detail'] | undefined {
  try {
    return workerGlobals().structuredClone(detail)
  } catch {
    return undefined
  }
}
