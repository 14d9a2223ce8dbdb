import { mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { MillraceError } from '@millrace/kernel/errors'
import { type Logger, pino } from 'pino'

/** A log of batches in a file, a JSON object a line. */
export interface AuditLog extends Disposable {
  readonly log: Logger
}

/**
 * Opens a file to append to.
 * @param onFailure Told when it cannot be written any more: the server goes on.
 * @throws {MillraceError} `AUDIT_UNWRITABLE`.
 */
export function openAuditLog(file: string, onFailure: (error: Error) => void): AuditLog {
  const destination = pino.destination({ dest: descriptorOf(file), sync: false })
  destination.on('error', onFailure)
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    destination,
  )
  return {
    log,
    [Symbol.dispose]() {
      destination.flushSync()
      destination.end()
    },
  }
}

function descriptorOf(file: string): number {
  try {
    mkdirSync(dirname(file), { recursive: true })
    return openSync(file, 'a', 0o600)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MillraceError(
      'AUDIT_UNWRITABLE',
      `The audit log cannot be written: ${why}. Choose another --audit FILE.`,
      {
        detail: { file },
        cause,
      },
    )
  }
}
