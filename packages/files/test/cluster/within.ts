/** Makes a call, which must have settled after so long; gives what it gives and throws what it throws. */
export async function within<T>(ms: number, call: () => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`It had not settled after ${ms} ms`)), ms)
  try {
    return await Promise.race([call(), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
