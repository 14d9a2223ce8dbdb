/**
 * What `promise` resolves with, or an error when it has not after `ms`: a pool that hangs must not hang the bench.
 * @throws {Error} named for `what`.
 */
export async function within<T>(ms: number, what: string, promise: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const bound = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing after ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, bound])
  } finally {
    clearTimeout(timer)
  }
}

const CLOSE_MS = 10_000

/** Closes a pool, and lets go of one that does not close: what it would do then is no question of the bench. */
export async function closed(name: string, pool: { close(): PromiseLike<void> }): Promise<void> {
  await within(CLOSE_MS, `the end of ${name}`, pool.close()).catch((error: Error) => console.error(error.message))
}
