import type { PoolStream } from './pool-stream.ts'

/**
 * Runs a task for every item of `inputs`, and gives the results one by one.
 *
 * Items are taken from `inputs` as there is room; ending the iteration ends the taking, and cancels what is under way.
 */
export async function* mapThrough<I, O>(
  stream: PoolStream<I, O>,
  inputs: Iterable<I> | AsyncIterable<I>,
): AsyncGenerator<O, void, undefined> {
  const feeding = feed(stream, inputs)
  try {
    for await (const chunk of stream.results) yield* chunk
  } finally {
    await stream.results.return?.()
    await feeding
  }
}

async function feed<I, O>(stream: PoolStream<I, O>, inputs: Iterable<I> | AsyncIterable<I>): Promise<void> {
  try {
    if (Symbol.asyncIterator in inputs) {
      for await (const input of inputs) if (!(await offer(stream, input))) return
    } else {
      for (const input of inputs) if (!stream.push(input) && !(await offer(stream, input))) return
    }
    stream.close()
  } catch (error) {
    stream.fail(error)
  }
}

/** Returns false when the stream is over. */
async function offer<I, O>(stream: PoolStream<I, O>, input: I): Promise<boolean> {
  while (!stream.push(input)) if (!(await stream.whenRoom())) return false
  return true
}
