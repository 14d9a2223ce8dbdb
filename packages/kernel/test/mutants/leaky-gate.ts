import { type AdmitOptions, Gate } from '../../src/admit/gate.ts'

/** An aborted wait keeps its place in the line, and later takes room that nobody will release. */
export class LeakyGate<T> extends Gate<T> {
  override async admit(item: T, { signal }: AdmitOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason))
    })
    await Promise.race([super.admit(item), aborted])
  }
}
