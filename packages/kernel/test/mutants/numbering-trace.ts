import { Trace } from '../../src/observe/trace.ts'

/** Its bytes have the numbers of names, which depend on what was named before. */
export class NumberingTrace extends Trace {
  override toBytes(): Uint8Array {
    const numbers: number[] = []
    this.readFrom(
      0,
      (...span) => numbers.push(...span),
      (...value) => numbers.push(...value),
    )
    return new Uint8Array(Float64Array.from(numbers).buffer)
  }
}
