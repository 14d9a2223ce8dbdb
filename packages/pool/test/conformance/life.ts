import type { RunOptions } from '../../src/index.ts'
import { check, checkSame, within } from './check.ts'
import type { TestPool } from './place.ts'

/** Tasks that take a number, and what they make of it. */
const OUTPUTS = {
  double: (input: number) => 2 * input,
  doubleAgain: (input: number) => 2 * input,
  later: (input: number) => input,
  clone: (input: number) => input,
  dies: () => undefined,
  diesBehind: (input: number) => 2 * input,
  stuck: () => 150,
}
export type TaskName = keyof typeof OUTPUTS

/** So long a `later` may take, in ms. */
const INPUTS = 10

interface Call {
  readonly told: string
  readonly expected: unknown
  /** Errors that it may end with. */
  readonly deserved: readonly string[]
  readonly abort: AbortController
  readonly outcome: Promise<PromiseSettledResult<unknown>>
}

interface Flow {
  readonly ordered: boolean
  readonly count: number
  readonly failures: unknown[]
  readonly results: Promise<number[]>
}

/** One pool's life: what is asked of it, and whether each input has one result, its own, or one error that it deserves. */
export class Life {
  readonly #pool: TestPool
  readonly #faults: readonly string[]
  readonly #calls: Call[] = []
  readonly #flows: Flow[] = []

  /** With `faults`, any call may end. */
  constructor(pool: TestPool, faults: readonly string[]) {
    this.#pool = pool
    this.#faults = faults
  }

  call(task: TaskName, options: Omit<RunOptions, 'signal'> = {}): void {
    const input = this.#calls.length % INPUTS
    const abort = new AbortController()
    const run = this.#pool.run(task as 'double', input, { ...options, signal: abort.signal })
    this.#calls.push({
      told: `call ${this.#calls.length}, ${task},`,
      expected: OUTPUTS[task](input),
      deserved: [...this.#faults, ...(options.deadlineMs === undefined ? [] : ['DEADLINE_EXCEEDED'])],
      abort,
      outcome: Promise.allSettled([run]).then(([outcome]) => outcome),
    })
  }

  /** Pushes what there is room for, `count` inputs at most: their numbers. */
  stream(count: number, ordered: boolean): void {
    const failures: unknown[] = []
    const stream = this.#pool.stream('double', { ordered, onError: (error) => failures.push(error) })
    let pushed = 0
    while (pushed < count && stream.push(pushed)) pushed++
    stream.close()
    const results = Array.fromAsync(stream.results).then((chunks) => chunks.flat())
    this.#flows.push({ ordered, count: pushed, failures, results })
  }

  abort(which: number): void {
    this.#callAt(which)?.abort.abort(new Error('aborted'))
  }

  async outcome(which: number): Promise<void> {
    await this.#callAt(which)?.outcome
  }

  /** Closes the pool, waits for all that was asked of it, and checks the books. */
  async end(withinMs: number | undefined, patienceMs: number): Promise<void> {
    const closed = this.#pool.close(withinMs === undefined ? {} : { withinMs })
    let inputs = this.#calls.length
    let results = 0
    for (const call of this.#calls) results += checkCall(call, await within(patienceMs, call.outcome, call.told))
    for (const flow of this.#flows) {
      inputs += flow.count
      results += checkFlow(flow, await within(patienceMs, flow.results, 'a stream'))
    }
    await within(patienceMs, closed, 'closing')
    const { queued, waiting, running, settled, failed, cancelled, dropped } = this.#pool.stats
    checkSame([queued, waiting, running], [0, 0, 0], 'what the pool has left')
    checkSame([settled, settled + failed + cancelled + dropped], [results, inputs], 'what the pool has counted')
  }

  #callAt(which: number): Call | undefined {
    return this.#calls[which % Math.max(1, this.#calls.length)]
  }
}

/** Returns how many results there are. */
function checkCall({ told, expected, deserved, abort }: Call, outcome: PromiseSettledResult<unknown>): number {
  if (outcome.status === 'fulfilled') {
    checkSame(outcome.value, expected, `what came of ${told}`)
    return 1
  }
  const { reason } = outcome
  const isDeserved = deserved.includes(reason.code) || (reason === abort.signal.reason && abort.signal.aborted)
  check(isDeserved, `${told} ended with ${reason}`)
  return 0
}

function checkFlow({ ordered, count, failures }: Flow, results: readonly number[]): number {
  const inOrder = ordered ? results : results.toSorted((one, other) => one - other)
  for (const [at, result] of inOrder.entries()) {
    check(at === 0 || inOrder[at - 1]! < result, `a stream gave ${result} after ${inOrder[at - 1]}`)
    check(result % 2 === 0 && result < 2 * count, `a stream of ${count} gave ${result}`)
  }
  checkSame(results.length + failures.length, count, 'what came of a stream')
  return results.length
}
