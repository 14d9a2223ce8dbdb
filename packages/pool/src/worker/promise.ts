/** Whether `await` would wait for `value`. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'object' || value === null) return false
  const { then }: { readonly then?: unknown } = value
  return typeof then === 'function'
}
