import type { HostChannel } from '../channel/host-channel.ts'
import type { Codec } from '../codec/codec.ts'
import { type Fault, MARK, type ResultMessage } from '../protocol.ts'
import { outputNotClonable } from '../task/value-faults.ts'
import { faultOf } from './fault.ts'
import { isMismatch, PackWriter } from './packed.ts'

/** Results that go in messages, several in each where that makes no difference to what they say. */
export class Outbox {
  readonly #channel: HostChannel
  #results: ResultMessage[] = []
  readonly #pack = new PackWriter()

  constructor(channel: HostChannel) {
    this.#channel = channel
  }

  /** An output goes in a pack, where it has a codec that takes it; else it is cloned. */
  output(ticket: number, task: number, codec: Codec<unknown> | undefined, output: unknown): void {
    if (codec !== undefined) {
      try {
        if (this.#pack.add(ticket, task, codec, output)) return
      } catch (error) {
        if (!isMismatch(error)) {
          this.fault(ticket, faultOf(error))
          return
        }
      }
    }
    this.clone(ticket, output)
  }

  /** An output is cloned; what may change, as it is now: the task that gave it may run again. */
  clone(ticket: number, output: unknown): void {
    this.#results.push([ticket, true, output])
    if (typeof output === 'object' || typeof output === 'function') this.#postResults()
  }

  fault(ticket: number, fault: Fault): void {
    this.#results.push([ticket, false, fault])
  }

  /** Sends what is left. */
  flush(): void {
    if (this.#results.length > 0) this.#postResults()
    if (this.#pack.bytes > 0) {
      const pack = this.#pack.take()
      this.#channel.post([MARK, 'packed', pack], [pack])
    }
  }

  #postResults(): void {
    const results = this.#results
    this.#results = []
    try {
      this.#channel.post([MARK, 'results', results])
    } catch (error) {
      this.#channel.post([MARK, 'results', results.map((result) => clonable(result, error))])
    }
  }
}

/* Among faults and primitive values there is one output that could not be cloned, the last; symbols cannot either. */
function clonable(result: ResultMessage, error: unknown): ResultMessage {
  const [ticket, done, output] = result
  if (!done || (typeof output !== 'object' && typeof output !== 'function' && typeof output !== 'symbol')) return result
  return [ticket, false, faultOf(outputNotClonable(faultOf(error).message))]
}
