import type { Parcel } from '../../src/dispatch/parcel.ts'
import { FakeTransport } from '../fake-transport.ts'

/** Says that orphans will run again, and forgets them. */
export class ForgetfulTransport extends FakeTransport {
  override again(parcel: Parcel): boolean {
    super.forget(parcel)
    return true
  }
}
