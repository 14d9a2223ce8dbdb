import { isSame } from '../is-same.ts'

/** What a case is about does not hold. */
class CheckFailed extends Error {
  override readonly name = 'CheckFailed'
}

/** @throws when `holds` is false. */
export function check(holds: boolean, told: string): asserts holds {
  if (!holds) throw new CheckFailed(told)
}

/** @throws unless both are the same in every bit. */
export function checkSame(got: unknown, expected: unknown, what = 'it'): void {
  if (!isSame(got, expected)) throw new CheckFailed(`${what} was ${show(got)}, not ${show(expected)}`)
}

/** @throws unless `text` contains `part`. */
export function checkContains(text: string, part: string): void {
  check(text.includes(part), `${JSON.stringify(text)} does not contain ${JSON.stringify(part)}`)
}

/** What a call was rejected with. */
export interface Rejection {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly detail?: { readonly deaths?: number; readonly started?: boolean }
}

/** @throws unless `action` throws an error, or rejects with one: that it returns, of `code` if given. */
export async function rejectionOf(action: () => unknown, code?: string): Promise<Rejection> {
  try {
    await action()
  } catch (error) {
    check(error instanceof Error, `thrown was ${show(error)}, no error`)
    const rejection: Rejection = error
    if (code !== undefined) checkSame(rejection.code, code, `the code of "${error.message}"`)
    return rejection
  }
  throw new CheckFailed(`nothing was thrown, but ${code ?? 'an error'} is due`)
}

/** What a promise settles as: its value, or what it was rejected with. @throws when it has not settled in time. */
export async function within<T>(ms: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CheckFailed(`${what} was not done within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

function show(value: unknown): string {
  const plain = (_: string, part: unknown) =>
    ArrayBuffer.isView(part) || typeof part === 'bigint' || Number.isNaN(part) ? String(part) : part
  const text = JSON.stringify(value, plain) ?? String(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
