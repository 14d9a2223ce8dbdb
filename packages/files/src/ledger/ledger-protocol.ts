import { MillraceError } from '@millrace/kernel/errors'
import type { Ledger, MeetOptions } from './ledger.ts'
import type { WireFound } from './meet-wire.ts'

/** The calls that cross to the thread as they are; `meetFiles` is packed. */
export type LedgerMethod = Exclude<keyof Ledger, 'meetFiles' | 'close' | typeof Symbol.asyncDispose>

/** The calls of a {@link Ledger} without the waiting, as the thread that serves them has them. */
export type LedgerCalls = {
  readonly [Method in LedgerMethod | 'meetFiles']: (
    ...args: Parameters<Ledger[Method]>
  ) => Awaited<ReturnType<Ledger[Method]>>
}

/** What the ledger's thread is started with. */
export interface LedgerThreadData {
  readonly stateDir: string
  readonly readonly: boolean
}

/** One call. Answers come back in the order of the calls, so that none needs a number. */
export type LedgerRequest =
  | { readonly [M in LedgerMethod]: { readonly method: M; readonly args: Parameters<LedgerCalls[M]> } }[LedgerMethod]
  | { readonly method: 'meetPacked'; readonly args: readonly [jobId: string, found: WireFound, options: MeetOptions] }
  | { readonly method: 'close'; readonly args: readonly [] }

export type LedgerReply = { readonly value: unknown } | { readonly failure: Failure }

/** An error on its way between threads, which copies would strip of its class and code. */
type Failure =
  | { readonly error: Error }
  | {
      readonly code: string
      readonly message: string
      readonly detail: Readonly<Record<string, unknown>>
      readonly cause: Failure | undefined
    }

export function packError(error: unknown): Failure {
  if (!(error instanceof MillraceError)) return { error: error instanceof Error ? error : new Error(String(error)) }
  const { code, message, detail, cause } = error
  return { code, message, detail, cause: cause === undefined ? undefined : packError(cause) }
}

export function unpackError(failure: Failure): Error {
  if ('error' in failure) return failure.error
  const { code, message, detail, cause } = failure
  return new MillraceError(code, message, cause === undefined ? { detail } : { detail, cause: unpackError(cause) })
}
