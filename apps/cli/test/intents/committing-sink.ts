import type { BatchOutcome, Failure, Sink, WriteBatch, WriteItem } from '@millrace/intents'
import { defineIntent } from '@millrace/intents'
import { MillraceError } from '@millrace/kernel'

/** Intents of a test: `{id, fail?}`. */
export const move = defineIntent({
  type: 'move',
  target: { kind: 'insert', table: 'moves', columns: { id: 'text' } },
  toRow: (payload: { readonly id: string | number; readonly fail?: string }) => ({ id: payload.id }),
})

/** Commits what it is given, or refuses an item with the code its payload asks for; it can be held. */
export class CommittingSink implements Sink {
  readonly written: WriteItem[] = []
  isOpen = false
  #gate = Promise.withResolvers<void>()
  #isHolding = false

  hold(): void {
    this.#isHolding = true
  }

  release(): void {
    this.#isHolding = false
    this.#gate.resolve()
    this.#gate = Promise.withResolvers<void>()
  }

  async open(): Promise<void> {
    this.isOpen = true
  }

  async write(batch: WriteBatch, signal: AbortSignal): Promise<BatchOutcome> {
    if (this.#isHolding) {
      const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      await Promise.race([this.#gate.promise, aborted])
    }
    const items = batch.waves.flat()
    this.written.push(...items)
    return new Map(
      items.flatMap((item) => {
        const code = (item.payload as { readonly fail?: string }).fail
        return code === undefined
          ? []
          : [[item, { status: 'failed', error: new MillraceError(code, 'As it was asked.') }]]
      }),
    )
  }

  failureOf(): Failure {
    return 'unknown'
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    this.isOpen = false
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
