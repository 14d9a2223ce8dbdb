import { CallProber, type CallProberOptions } from '../../../src/checks/call-prober.ts'
import { type ProbeEnd, type Prober, Verdict } from '../../../src/checks/check.ts'

/** What all of these have: they call the function, and tell how it ended. */
abstract class Mutant implements Prober<number> {
  protected readonly options: CallProberOptions<number>
  protected readonly end: ProbeEnd

  constructor(options: CallProberOptions<number>) {
    this.options = options
    this.end = options.end
  }

  abstract probe(ticket: number, target: string, options: number, timeoutMs: number): void

  protected async call(ticket: number, target: string, options: number, timeoutMs: number): Promise<void> {
    try {
      const signal = new AbortController().signal
      const { verdict } = await this.options.check(target, options, { signal, timeoutMs })
      this.end(ticket, verdict, 0, undefined)
    } catch {
      this.end(ticket, Verdict.FAIL, 0, 'failed')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Hears what a check says after its deadline. */
export class HearsLate extends Mutant {
  probe(ticket: number, target: string, options: number, timeoutMs: number): void {
    let isOver = false
    this.options.clock?.after(timeoutMs, () => {
      if (!isOver) this.end(ticket, Verdict.FAIL, timeoutMs, 'no answer in time')
    })
    queueMicrotask(async () => {
      await this.call(ticket, target, options, timeoutMs)
      isOver = true
    })
  }
}

/** Waits for as long as a check takes. */
export class WaitsForEver extends Mutant {
  probe(ticket: number, target: string, options: number, timeoutMs: number): void {
    queueMicrotask(() => void this.call(ticket, target, options, timeoutMs))
  }
}

/** Tells within the call of a check that fails at once. */
export class TellsWithin extends CallProber<number> {
  readonly #own: CallProberOptions<number>

  constructor(options: CallProberOptions<number>) {
    super(options)
    this.#own = options
  }

  override probe(ticket: number, target: string, options: number, timeoutMs: number): void {
    try {
      const signal = new AbortController().signal
      void Promise.resolve(this.#own.check(target, options, { signal, timeoutMs })).catch(() => {})
      super.probe(ticket, target, options, timeoutMs)
    } catch {
      this.#own.end(ticket, Verdict.FAIL, 0, 'failed')
    }
  }
}
