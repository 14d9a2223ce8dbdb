/**
 * One thread's program over shared memory: plain synchronous code, which ends by returning or, to complain, by
 * throwing.
 */
export type Program = () => void

export interface World {
  /** Words of shared memory, all of which start as 0. */
  readonly words: number
  /** Words that start as something else. */
  readonly initial?: Readonly<Record<number, number>>
  /** One a thread. Each makes everything it uses anew, and does the same when it reads the same. */
  readonly programs: readonly Program[]
  /**
   * By thread that may die at any step: the word that becomes 1, and whose sleepers wake, when it has died; as a host
   * tells that a thread has ended.
   */
  readonly mortals?: Readonly<Record<number, number>>
  /** Says what is wrong with the memory after a step, if anything is. */
  readonly complaint?: (memory: Int32Array) => string | undefined
}

export interface Exploration {
  /** Different states seen. */
  readonly states: number
  /** The first thing found wrong: a complaint of a program, a data race, or threads that sleep for ever. */
  readonly violation: string | undefined
}

interface Thread {
  /** What each access to memory so far gave, in order: with it the program is brought back to where it was. */
  readonly log: readonly number[]
  readonly status: 'runs' | 'sleeps' | 'done'
  /** The word it sleeps on. */
  readonly sleepsOn: number
  /** How many threads were asleep before it; who sleeps longest is woken first. */
  readonly rank: number
}

/** Columns of numbers in one array, so that a state is copied and hashed in one go. */
interface State {
  readonly numbers: Int32Array
  readonly threads: Thread[]
}

const SUSPENDED = new Error('suspended')
const FIRST_WORD = Symbol('first word')
const [OK, NOT_EQUAL] = [0, 1]
const AWAKE = { sleepsOn: -1, rank: 0 } as const

/**
 * Runs `programs` in every order in which their atomic steps can follow each other, over stand-ins for `Atomics` and
 * `Int32Array`: the code under test is the real one.
 *
 * Plain accesses run with the atomic step before them, and are checked for data races with vector clocks: where there
 * is none, the memory model promises that nothing is seen but such orders. A state reached twice is explored once;
 * states are told apart by 64 bits of hash.
 */
export function explore({ words, initial = {}, programs, mortals = {}, complaint }: World): Exploration {
  const columns = new Columns(words, programs.length)
  const numbers = new Int32Array(columns.length)
  for (const [word, value] of Object.entries(initial)) numbers[Number(word)] = value
  for (let own = 0; own < programs.length; own++) numbers[columns.clock + own * programs.length + own] = 1
  const threads = programs.map((): Thread => ({ log: [], status: 'runs', ...AWAKE }))

  const seen = new Set<string>()
  const stack: State[] = [{ numbers, threads }]
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    const key = keyOf(state)
    if (seen.has(key)) continue
    seen.add(key)
    const violation = complaint?.(state.numbers)
    if (violation !== undefined) return { states: seen.size, violation }
    const running = state.threads.flatMap(({ status }, thread) => (status === 'runs' ? [thread] : []))
    if (running.length === 0 && state.threads.some(({ status }) => status === 'sleeps')) {
      return { states: seen.size, violation: 'a thread sleeps for ever' }
    }
    for (const thread of running) {
      const next = stepped(columns, state, thread, programs[thread]!)
      if (typeof next === 'string') return { states: seen.size, violation: next }
      stack.push(next)
    }
    for (const [thread, word] of Object.entries(mortals)) {
      if (state.threads[Number(thread)]!.status !== 'done')
        stack.push(withoutThread(columns, state, Number(thread), word))
    }
  }
  return { states: seen.size, violation: undefined }
}

function withoutThread(columns: Columns, before: State, own: number, word: number): State {
  const numbers = before.numbers.slice()
  const threads = before.threads.map((thread, at): Thread => {
    if (at === own) return { log: thread.log, status: 'done', ...AWAKE }
    return thread.status === 'sleeps' && thread.sleepsOn === word ? woken(thread) : thread
  })
  const clock = columns.clock + own * columns.threads
  numbers.copyWithin(columns.released + word * columns.threads, clock, clock + columns.threads)
  numbers[word] = 1
  return { numbers, threads }
}

function woken(thread: Thread): Thread {
  return { log: [...thread.log, OK], status: 'runs', ...AWAKE }
}

/** Where things are in the numbers of a state; the memory itself comes first. */
class Columns {
  readonly threads: number
  /** By word and thread: the clock that came with its last atomic store. */
  readonly released: number
  /** By word and thread: its clock at its last plain write, and at its last plain read. */
  readonly writes: number
  readonly reads: number
  /** By thread and thread: how far the one knows the other to be. */
  readonly clock: number
  readonly length: number

  constructor(words: number, threads: number) {
    this.threads = threads
    this.released = words
    this.writes = this.released + words * threads
    this.reads = this.writes + words * threads
    this.clock = this.reads + words * threads
    this.length = this.clock + threads * threads
  }
}

function keyOf({ numbers, threads }: State): string {
  let [one, other] = [0x811c9dc5, 0x9747b28c]
  const mix = (value: number) => {
    one = Math.imul(one ^ value, 0x5bd1e995)
    one ^= one >>> 15
    other = Math.imul(other + value, 0x27d4eb2f)
    other ^= other >>> 13
  }
  for (let index = 0; index < numbers.length; index++) mix(numbers[index]!)
  for (const { log, status, sleepsOn, rank } of threads) {
    mix(log.length)
    for (let index = 0; index < log.length; index++) mix(log[index]!)
    mix(status.length)
    mix(sleepsOn)
    mix(rank)
  }
  return `${one} ${other}`
}

/**
 * The state after the next atomic step of `thread` and its plain accesses up to the one after; or what is wrong there.
 */
function stepped(columns: Columns, before: State, own: number, program: Program): State | string {
  const memory = before.numbers.slice()
  const threads = [...before.threads]
  const count = columns.threads
  const clock = columns.clock + own * count
  const log = [...threads[own]!.log]
  let [replayed, stepsLeft, suspended, sleepsOn] = [0, 1, false, -1]

  const suspend = (): never => {
    suspended = true
    throw SUSPENDED
  }
  /** Gives what was logged, or does `act` and logs it. What unwinds after a suspension does nothing more. */
  const access = (act: () => number): number => {
    if (suspended) suspend()
    if (replayed === log.length) log.push(act())
    return log[replayed++]!
  }
  const atomically = (act: () => number): number =>
    access(() => {
      if (stepsLeft-- === 0) suspend()
      memory[clock + own]!++
      return act()
    })
  const acquire = (word: number) => {
    for (let of = 0; of < count; of++) {
      memory[clock + of] = Math.max(memory[clock + of]!, memory[columns.released + word * count + of]!)
    }
  }
  const release = (word: number) => memory.copyWithin(columns.released + word * count, clock, clock + count)
  const checkRace = (word: number, earlier: number, what: string) => {
    for (let other = 0; other < count; other++) {
      if (other !== own && memory[earlier + word * count + other]! > memory[clock + other]!) {
        throw new Error(`data race: word ${word} is ${what} by thread ${other} at the same time`)
      }
    }
  }

  /** A step that reads a word and then, writes what `change` makes of it, unless that is undefined. */
  const readModifyWrite = (view: object, index: number, change: (old: number) => number | undefined): never =>
    atomically(() => {
      const word = wordOf(view, index)
      const old = memory[word]!
      acquire(word)
      const value = change(old)
      if (value === undefined) return old
      release(word)
      memory[word] = value
      return old
    }) as never

  const fakeAtomics: Pick<
    Atomics,
    'load' | 'store' | 'add' | 'or' | 'exchange' | 'compareExchange' | 'wait' | 'notify'
  > = {
    load: (view: object, index: number): never =>
      atomically(() => {
        const word = wordOf(view, index)
        acquire(word)
        return memory[word]!
      }) as never,
    store: (view: object, index: number, value: unknown): never =>
      atomically(() => {
        const word = wordOf(view, index)
        release(word)
        memory[word] = Number(value)
        return Number(value)
      }) as never,
    add: (view: object, index: number, value: unknown) => readModifyWrite(view, index, (old) => old + Number(value)),
    or: (view: object, index: number, value: unknown) => readModifyWrite(view, index, (old) => old | Number(value)),
    exchange: (view: object, index: number, value: unknown) => readModifyWrite(view, index, () => Number(value)),
    compareExchange: (view: object, index: number, expected: unknown, value: unknown) =>
      readModifyWrite(view, index, (old) => (old === Number(expected) ? Number(value) : undefined)),
    wait: (view: object, index: number, expected: unknown) => {
      const answer = atomically(() => {
        const word = wordOf(view, index)
        if (memory[word] !== Number(expected)) return NOT_EQUAL
        sleepsOn = word
        return suspend()
      })
      return answer === OK ? 'ok' : 'not-equal'
    },
    notify: (view: object, index: number, count = Number.POSITIVE_INFINITY) =>
      atomically(() => {
        const word = wordOf(view, index)
        const asleep = threads.flatMap(({ status, sleepsOn }, at) =>
          status === 'sleeps' && sleepsOn === word ? [at] : [],
        )
        asleep.sort((one, other) => threads[one]!.rank - threads[other]!.rank)
        for (const at of asleep.slice(0, count)) threads[at] = woken(threads[at]!)
        return Math.min(asleep.length, count)
      }),
  }
  const traps: ProxyHandler<{ [FIRST_WORD]: number }> = {
    get: (target, key) =>
      typeof key === 'symbol'
        ? target[FIRST_WORD]
        : access(() => {
            const word = target[FIRST_WORD] + Number(key)
            checkRace(word, columns.writes, 'written')
            memory[columns.reads + word * count + own] = memory[clock + own]!
            return memory[word]!
          }),
    set: (target, key, value) => {
      access(() => {
        const word = target[FIRST_WORD] + Number(key)
        checkRace(word, columns.writes, 'written')
        checkRace(word, columns.reads, 'read')
        memory[columns.writes + word * count + own] = memory[clock + own]!
        memory[word] = value
        return value
      })
      return true
    },
  }
  /** A constructor that returns another object than its own: `new Int32Array(…)` gives a view that is watched. */
  function WatchedArray(_: SharedArrayBuffer, byteOffset = 0): object {
    return new Proxy({ [FIRST_WORD]: byteOffset / 4 }, traps)
  }

  let status: Thread['status'] = 'done'
  try {
    withGlobals({ Atomics: fakeAtomics, Int32Array: WatchedArray }, program)
  } catch (error) {
    if (error !== SUSPENDED) return error instanceof Error ? error.message : String(error)
    status = sleepsOn === -1 ? 'runs' : 'sleeps'
  }
  const rank = 1 + Math.max(...threads.map((thread) => (thread.status === 'sleeps' ? thread.rank : -1)))
  threads[own] = { log, status, sleepsOn, rank: status === 'sleeps' ? rank : 0 }
  return { numbers: memory, threads }
}

function wordOf(view: object, index: number): number {
  return (view as { [FIRST_WORD]: number })[FIRST_WORD] + index
}

function withGlobals(stand: Readonly<Record<string, unknown>>, action: () => void): void {
  const kept = Object.fromEntries(Object.keys(stand).map((name) => [name, Reflect.get(globalThis, name)]))
  Object.assign(globalThis, stand)
  try {
    action()
  } finally {
    Object.assign(globalThis, kept)
  }
}
