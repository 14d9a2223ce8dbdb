import { MillraceError } from '@millrace/kernel/errors'
import type { DeadLetter, StoredState } from './pulse-store.ts'
import type { StampedChanges } from './store-database.ts'

/** What the thread of a store is asked; answers come back in the order of the questions. The first one comes unasked: the state, or why there is none. */
export type StoreRequest =
  | { readonly type: 'commit'; readonly group: readonly StampedChanges[] }
  | { readonly type: 'letters'; readonly limit: number }
  | { readonly type: 'close' }

export type StoreReply =
  | { readonly type: 'state'; readonly state: StoredState }
  | { readonly type: 'kept'; readonly failures: readonly (PackedError | undefined)[] }
  | { readonly type: 'letters'; readonly letters: readonly DeadLetter[] }
  | { readonly type: 'closed' }
  | { readonly type: 'failed'; readonly failure: PackedError }

/** An error of ours on its way between threads, which copies would strip of its class and code. */
export interface PackedError {
  readonly code: string
  readonly message: string
  readonly detail: Readonly<Record<string, unknown>>
  readonly cause: unknown
}

export function packError({ code, message, detail, cause }: MillraceError): PackedError {
  return { code, message, detail, cause }
}

export function unpackError({ code, message, detail, cause }: PackedError): MillraceError {
  return new MillraceError(code, message, cause === undefined ? { detail } : { detail, cause })
}
