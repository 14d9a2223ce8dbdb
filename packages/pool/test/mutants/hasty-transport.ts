import type { Parcel } from '../../src/dispatch/parcel.ts'
import { FakeTransport } from '../fake-transport.ts'

/** Takes a parcel where it has no room: what came before is overtaken. */
export class HastyTransport extends FakeTransport {
  #odd = false

  override seal(parcel: Parcel): void {
    this.#odd = !this.#odd
    super.seal(parcel)
    if (this.#odd) this.overtake()
  }
}
