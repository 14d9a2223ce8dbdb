import type { Parcel } from '../../src/dispatch/parcel.ts'
import { ThreadsTransport } from '../../src/transport/threads-transport.ts'

/** Says of every orphan that it will run again, also where its input is gone. */
export class StubbornTransport extends ThreadsTransport {
  override again(parcel: Parcel): boolean {
    super.again(parcel)
    return true
  }
}
