import { Trace } from '../../src/observe/trace.ts'

/** Once full, keeps what it has and drops what is new. */
export class StubbornTrace extends Trace {
  override span(...span: Parameters<Trace['span']>): void {
    if (this.size < this.capacity) super.span(...span)
  }

  override counter(...value: Parameters<Trace['counter']>): void {
    if (this.size < this.capacity) super.counter(...value)
  }
}
