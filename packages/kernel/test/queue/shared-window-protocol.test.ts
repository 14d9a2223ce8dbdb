import { describe, expect, it } from 'vitest'
import { createSharedWindow } from '../../src/queue/shared-window.ts'
import { SharedWindowClaimer } from '../../src/queue/shared-window-claimer.ts'
import {
  CLAIM,
  COUNTER,
  KIND,
  READY,
  STATE,
  TAG,
  TAIL,
  TICKET_LOW,
  WindowLayout,
} from '../../src/queue/shared-window-layout.ts'
import { SharedWindowProducer } from '../../src/queue/shared-window-producer.ts'
import { AnyReadyClaimer } from '../mutants/any-ready-claimer.ts'
import { BlindClaimer } from '../mutants/blind-claimer.ts'
import { CounterFirstClaimer } from '../mutants/counter-first-claimer.ts'
import { RashWindowProducer } from '../mutants/rash-window-producer.ts'
import { type Exploration, explore, type World } from './interleavings.ts'

const slow = process.env.MILLRACE_SLOW !== undefined

const MOST_TASKS = 4
const THREADS = 3
const ENDED = 2

interface Setting {
  /** @default 2 */
  readonly slots?: number
  /** Where both counters begin. @default 0 */
  readonly start?: number
  readonly Producer?: typeof SharedWindowProducer
  readonly Claimer?: typeof SharedWindowClaimer
}

/** A window of which every thread makes its side, and words beside it by which the threads tell each other things. */
class Stage {
  readonly buffer: SharedArrayBuffer
  readonly layout: WindowLayout
  /** By task and thread: whether the thread has had it. Each writes its own, so that no step more is to be explored. */
  readonly had: number
  /** By task: whether it is done. */
  readonly done: number
  /** Whether the claimer that may die has ended: of itself, or by death. */
  readonly ended: number
  readonly #setting: Setting

  constructor(setting: Setting) {
    const { slots = 2 } = setting
    this.#setting = setting
    this.buffer = createSharedWindow({ slots, slotBytes: 8 })
    this.layout = new WindowLayout(slots, 8)
    this.had = this.buffer.byteLength / 4
    this.done = this.had + MOST_TASKS * THREADS
    this.ended = this.done + MOST_TASKS
  }

  explore(programs: World['programs'], more: Pick<World, 'mortals' | 'complaint'> = {}): Exploration {
    const { start = 0 } = this.#setting
    const initial: Record<number, number> = { [TAIL]: start, [CLAIM]: start }
    new Int32Array(this.buffer).forEach((value, word) => {
      if (value !== 0) initial[word] = value
    })
    return explore({ words: this.ended + 1, initial, programs, ...more })
  }

  producer(): SharedWindowProducer {
    return new (this.#setting.Producer ?? SharedWindowProducer)(this.buffer)
  }

  claimer(number: number): SharedWindowClaimer {
    return new (this.#setting.Claimer ?? SharedWindowClaimer)(this.buffer, number, { looks: 0 })
  }

  words(): Int32Array {
    return new Int32Array(this.buffer)
  }

  commit(window: SharedWindowProducer, task: number): number {
    const slot = window.reserve()
    if (slot < 0) throw new Error('there is no slot')
    const words = this.words()
    const at = window.offsetOf(slot) / 4
    words[at] = 1000 + task
    words[at + 1] = 2000 + task
    window.commit(slot, 8, task, task)
    return slot
  }

  /** Sleeps until a task comes, checks that it is whole and nobody else's, and returns its slot. */
  claim(window: SharedWindowClaimer): number {
    let slot = -1
    while (slot < 0) {
      window.wait()
      slot = window.claim()
    }
    const words = this.words()
    const at = window.offsetOf(slot) / 4
    const task = window.tagOf(slot)
    if (window.bytesOf(slot) !== 8 || window.ticketOf(slot) !== task) throw new Error(`task ${task} is torn`)
    if (words[at] !== 1000 + task || words[at + 1] !== 2000 + task) throw new Error(`task ${task} is torn`)
    return slot
  }

  take(task: number, thread: number): void {
    this.words()[this.had + task * THREADS + thread] = 1
  }

  tell(word: number, value: number): void {
    const words = this.words()
    Atomics.store(words, word, value)
    Atomics.notify(words, word)
  }

  told(word: number): number {
    const words = this.words()
    while (Atomics.load(words, word) === 0) Atomics.wait(words, word, 0)
    return Atomics.load(words, word)
  }

  /** What is wrong when a task was had twice. */
  readonly doubled = (memory: Int32Array): string | undefined => {
    for (let word = this.had; word < this.done; word += THREADS) {
      if (memory[word]! + memory[word + 1]! + memory[word + 2]! > 1) return 'a task was had twice'
    }
    return undefined
  }

  /** What is wrong when a task was had twice, or waits though a later one was claimed. */
  readonly doubledOrOvertaken = (memory: Int32Array): string | undefined => {
    const { slots, first, step } = this.layout
    let [oldestReady, youngestHeld] = [Number.POSITIVE_INFINITY, -1]
    for (let word = first; word < first + slots * step; word += step) {
      const [kind, ticket] = [memory[word + STATE]! & KIND, memory[word + TICKET_LOW]!]
      if (kind === READY) oldestReady = Math.min(oldestReady, ticket)
      else if (kind > READY) youngestHeld = Math.max(youngestHeld, ticket)
    }
    if (oldestReady < youngestHeld) return `task ${youngestHeld} overtook task ${oldestReady}`
    return this.doubled(memory)
  }
}

interface Flow extends Setting {
  /** By claimer: how many tasks it takes; in all they take all. */
  readonly quotas: readonly number[]
  /** Whether each commit is published by itself. */
  readonly singly?: boolean
}

/** Claimers that sleep whenever they find nothing; the producer waits for task after task when it needs a slot. */
function flow({ quotas, singly = false, ...setting }: Flow): Exploration {
  const stage = new Stage(setting)
  const { slots } = stage.layout
  const tasks = quotas.reduce((sum, quota) => sum + quota, 0)
  const produce = () => {
    const window = stage.producer()
    const slotOf: number[] = []
    for (let task = 0; task < tasks; task++) {
      if (task >= slots) {
        window.publish()
        stage.told(stage.done + task - slots)
        window.release(slotOf[task - slots]!)
      }
      slotOf.push(stage.commit(window, task))
      if (singly) window.publish()
    }
    window.publish()
  }
  const claim = (quota: number, number: number) => () => {
    const window = stage.claimer(number)
    let last = -1
    for (let count = 0; count < quota; count++) {
      const slot = stage.claim(window)
      const task = window.tagOf(slot)
      if (task <= last) throw new Error(`task ${task} came after task ${last}`)
      last = task
      stage.take(task, 1 + number)
      if (tasks > slots) stage.tell(stage.done + task, 1)
    }
  }
  return stage.explore([produce, ...quotas.map(claim)], { complaint: stage.doubledOrOvertaken })
}

/** The first task is withdrawn, perhaps in time; then another one takes its place. */
function withdrawal({ quotas, ...setting }: Flow): Exploration {
  const stage = new Stage(setting)
  const tasks = quotas.reduce((sum, quota) => sum + quota, 0)
  const produce = () => {
    const window = stage.producer()
    const slot = stage.commit(window, 0)
    for (let task = 1; task < tasks; task++) stage.commit(window, task)
    window.publish()
    if (!window.withdraw(slot)) return
    stage.take(0, 0)
    stage.commit(window, tasks)
    window.publish()
  }
  const claim = (quota: number, number: number) => () => {
    const window = stage.claimer(number)
    for (let count = 0; count < quota; count++) stage.take(window.tagOf(stage.claim(window)), 1 + number)
  }
  return stage.explore([produce, ...quotas.map(claim)], { complaint: stage.doubledOrOvertaken })
}

/** A claimer that may die at any step. The producer then does itself what is left. */
function death({ tasks, ...setting }: Setting & { readonly tasks: number }): Exploration {
  const stage = new Stage(setting)
  const produce = () => {
    const window = stage.producer()
    const words = stage.words()
    const mayHaveRun = new Set<number>()
    for (let task = 0; task < tasks; task++) stage.commit(window, task)
    window.publish()
    stage.told(stage.ended)
    for (const slot of window.heldBy(0)) {
      if (window.stateOf(slot) === 'claimed') window.recommit(slot)
      else mayHaveRun.add(words[stage.layout.first + slot * stage.layout.step + TAG]!)
    }
    window.publish()
    const own = stage.claimer(1)
    for (let slot = own.claim(); slot >= 0; slot = own.claim()) stage.take(own.tagOf(slot), 0)
    for (let task = 0; task < tasks; task++) {
      if (words[stage.had + task * THREADS] === 0 && !mayHaveRun.has(task)) throw new Error(`task ${task} was lost`)
    }
  }
  const claim = () => {
    const window = stage.claimer(0)
    for (let count = 0; count < tasks; count++) {
      const slot = stage.claim(window)
      window.start(slot)
      stage.take(window.tagOf(slot), 1)
    }
    stage.tell(stage.ended, ENDED)
  }
  return stage.explore([produce, claim], { mortals: { 1: stage.ended }, complaint: stage.doubled })
}

const flows: readonly Flow[] = [
  { quotas: [1] },
  { quotas: [2], singly: true, start: COUNTER },
  { quotas: [2], slots: 1 },
  { quotas: [1, 1] },
]

describe('the protocol of a shared window, in every interleaving', () => {
  it.each(flows)(
    'hands out every task once, whole and in order, and wakes who waits: %j',
    (setting) => {
      const { states, violation } = flow(setting)

      expect(violation).toBeUndefined()
      expect(states).toBeGreaterThan(50)
    },
    60_000,
  )

  it.each([{ quotas: [1] }, { quotas: [slow ? 2 : 1], start: COUNTER }])(
    'withdraws a task, or finds it claimed: %j',
    (setting) => {
      const { states, violation } = withdrawal(setting)
      expect(violation).toBeUndefined()
      expect(states).toBeGreaterThan(50)
    },
    60_000,
  )

  it.each([{ tasks: 1 }, { tasks: 2, start: COUNTER }])(
    'loses nothing when a claimer dies at any step: %j',
    (setting) => {
      const { states, violation } = death(setting)
      expect(violation).toBeUndefined()
      expect(states).toBeGreaterThan(50)
    },
    60_000,
  )

  it('is caught when the counter moves before the slot is marked', () => {
    expect(death({ tasks: 1, Claimer: CounterFirstClaimer }).violation).toBe('task 0 was lost')
  })

  it('is caught when any task is claimed that is found in the slot', () => {
    expect(withdrawal({ quotas: [2], Claimer: AnyReadyClaimer }).violation).toMatch('overtook')
  })

  it('is caught when a task is withdrawn without asking', () => {
    expect(withdrawal({ quotas: [1], Producer: RashWindowProducer }).violation).toMatch(/twice|torn|race/)
  })

  it('is caught when it sleeps without a second look', () => {
    expect(flow({ quotas: [1], Claimer: BlindClaimer }).violation).toBe('a thread sleeps for ever')
  })
})
