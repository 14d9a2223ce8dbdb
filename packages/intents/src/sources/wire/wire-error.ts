import { MillraceError } from '@millrace/kernel/errors'

/** An error as a client gets it. */
export interface WireError {
  /** Stable between releases, as `docs/errors.md` lists it; `INTERNAL` for what is no error of ours. */
  readonly code: string
  readonly message: string
  readonly detail?: Readonly<Record<string, unknown>>
}

/** Puts an error in a client's words. What is no error of ours may tell of the server what is nobody's business: of that it says nothing. */
export function wireError(error: unknown): WireError {
  if (!(error instanceof MillraceError))
    return { code: 'INTERNAL', message: 'The server failed; its log says why. Whether it was written is not known.' }
  const { code, message, detail } = error
  return { code, message, ...(Object.keys(detail).length > 0 && isPlain(detail) && { detail }) }
}

/** Whether JSON can say it: a bigint or a circle is worth less than the error that carries it. */
function isPlain(detail: object): boolean {
  try {
    JSON.stringify(detail)
    return true
  } catch {
    return false
  }
}
