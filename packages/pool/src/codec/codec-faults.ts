import { MillraceError } from '@millrace/kernel/errors'

/** A value that is not of its codec. `path` leads to it from the value given; empty, it is the value itself. */
export function mismatch(expected: string, got: string, path = ''): MillraceError {
  const where = path === '' ? 'the value' : path
  return new MillraceError(
    'CODEC_MISMATCH',
    `${where}: expected ${expected}, got ${got}; give what the codec describes, or change the codec`,
    { detail: { path, expected, got } },
  )
}

/** Puts `step` in front of the path of a mismatch; any other error stays what it is. */
export function within(step: string | number, error: unknown): unknown {
  if (!(error instanceof MillraceError) || error.code !== 'CODEC_MISMATCH') return error
  const { expected, got, path } = error.detail
  const head = typeof step === 'number' ? `[${step}]` : isName(step) ? step : `[${JSON.stringify(step)}]`
  const tail = String(path)
  return mismatch(String(expected), String(got), tail === '' || tail.startsWith('[') ? head + tail : `${head}.${tail}`)
}

/** Bytes that no codec of this shape writes. */
export function damaged(byteOffset: number, what: string): MillraceError {
  return new MillraceError(
    'CODEC_DAMAGED',
    `byte ${byteOffset}: ${what}; ` +
      'the memory was overwritten, or written by another codec: replace the thread that wrote it',
    { detail: { byteOffset } },
  )
}

/** What `value` is, in words. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  return withArticle(Object.prototype.toString.call(value).slice(8, -1))
}

/** The name of a class, as a phrase: "an Array", "a Uint8Array". */
export function withArticle(name: string): string {
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`
}

function isName(text: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(text)
}
