import { expect } from 'vitest'
import { type CheckedMonitor, type CheckKind, type EvaluateBody, Verdict } from '../../src/checks/check.ts'
import { readFields } from '../read-fields.ts'

export interface Probed {
  readonly verdict: keyof typeof Verdict
  readonly reason: string | undefined
  readonly latencyMs: number
}

const MONITOR: CheckedMonitor = { name: 'api', intervalMs: 30_000, timeoutMs: 5000 }
const noBodies: EvaluateBody = () => Promise.reject(new Error('no body is expected'))
const NAMES = Object.fromEntries(Object.entries(Verdict).map(([name, number]) => [number, name])) as Record<
  Verdict,
  Probed['verdict']
>

/** What is wrong with a `config`. */
export function faultsOf(kind: CheckKind, config: object, monitor = MONITOR): string[] {
  return readFields(config, (fields) => kind.parse(fields, monitor)).faults
}

/** A prober of a kind, whose checks are promises; it sees to it that each ends once, and not within the call. */
export class Probing implements AsyncDisposable {
  readonly #kind: CheckKind
  readonly #open = new Map<number, (probed: Probed) => void>()
  readonly #prober
  #ticket = 0
  #isInCall = false

  constructor(kind: CheckKind) {
    this.#kind = kind
    this.#prober = kind.createProber({
      evaluate: noBodies,
      end: (ticket, verdict, latencyMs, reason) => {
        expect(this.#isInCall, 'ended within the call').toBe(false)
        const resolve = this.#open.get(ticket)
        if (resolve === undefined) throw new Error(`${ticket} ended twice`)
        this.#open.delete(ticket)
        resolve({ verdict: NAMES[verdict], latencyMs, reason })
      },
    })
  }

  probe(config: object, timeoutMs = 20_000, monitor = MONITOR): Promise<Probed> {
    const { value, faults } = readFields(config, (fields) => this.#kind.parse(fields, monitor))
    expect(faults).toEqual([])
    // Between the two, options are kept as JSON.
    const options: unknown = JSON.parse(JSON.stringify(value.options))
    return new Promise((resolve) => {
      this.#isInCall = true
      this.#open.set(++this.#ticket, resolve)
      this.#prober.probe(this.#ticket, value.target, options, timeoutMs)
      this.#isInCall = false
    })
  }

  /** The time of the check that was begun last is over, says who asked for it. */
  expire(): void {
    this.#prober.expire?.(this.#ticket)
  }

  entered(target: string): void {
    this.#prober.entered?.(target)
  }

  get underWay(): number {
    return this.#open.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#prober[Symbol.asyncDispose]()
  }
}

/** What a check found, without its time. */
export async function found(probed: Promise<Probed>): Promise<string> {
  const { verdict, reason } = await probed
  return reason === undefined ? verdict : `${verdict}: ${reason}`
}

const STOOD_STILL = 'FAULT: this process stood still'
const MOST_TRIES = 50

/** What a check found that ends by its deadline; made again where the process itself stood still, which on a busy machine it does, and which says nothing of the target. */
export async function foundInTime(probe: () => Promise<Probed>): Promise<string> {
  let last = ''
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    last = await found(probe())
    if (last !== STOOD_STILL) break
  }
  return last
}
