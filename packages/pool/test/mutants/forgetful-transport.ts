import { FakeTransport } from '../fake-transport.ts'

/** Says that orphans will run again, and forgets them. */
export class ForgetfulTransport extends FakeTransport {
  override again(ticket: number, place: number): boolean {
    super.forget(ticket, place)
    return true
  }
}
