import { VirtualClock } from '@millrace/kernel'
import { TAIL as RING_TAIL } from '@millrace/kernel/queue/shared-ring-layout'
import { CLAIM, ORDER, PAYLOAD, STATE as SLOT_STATE, WindowLayout } from '@millrace/kernel/queue/shared-window-layout'
import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { float64Array } from '../../src/codec/typed-arrays.ts'
import { BEGUN, COUNT, ENTRY_BYTES, HEAD_BYTES, LIMIT, OUTPUTS, STATE } from '../../src/parcel/parcel-layout.ts'
import { Pool } from '../../src/pool.ts'
import { checkPoolOptions } from '../../src/pool-options.ts'
import { ThreadsTransport } from '../../src/transport/threads-transport.ts'
import { StubbornTransport } from '../mutants/stubborn-transport.ts'
import { Puppet } from './puppet.ts'

const slow = process.env.MILLRACE_SLOW !== undefined

const SLOTS = 4
const TASKS = 12
const ROUNDS = 200
const SHORT_MS = 0.001
/** State of a slot that worker 0 has in hand. */
const HELD = 2
/** States that nobody gives: void, of a slot in use; and that a worker has it who is not there. */
const [NOBODYS, STRANGERS] = [0, (500 << 2) | 2]

interface Memory {
  /** The window, and the word at which the slot begins that the worker has in hand. */
  readonly window: Int32Array
  readonly slot: number
  readonly ring: Int32Array
}

/** Two workers, of which the first begins a parcel of several tasks. */
class Stage {
  readonly puppets: Puppet[] = []
  readonly pool: Pool<{ echo: (value: Float64Array) => Float64Array }>
  readonly #clock = new VirtualClock()
  readonly settled: string[] = []
  readonly #aborts: AbortController[] = []

  constructor(Threads = ThreadsTransport) {
    const worker = () => {
      const puppet = new Puppet(float64Array)
      this.puppets.push(puppet)
      return puppet
    }
    const options = checkPoolOptions({ worker, threads: 2, slots: SLOTS, slotBytes: 512, clock: this.#clock })
    this.pool = new Pool(options, (checked, events) => {
      // However long a task takes here: it counts as short, so that several travel together.
      const onCost = (task: number) => events.onCost(task, SHORT_MS)
      return new Threads({ ...checked, worker, shared: true }, { ...events, onCost })
    })
  }

  async begin(): Promise<void> {
    // What a task takes is known from here on.
    const first = this.pool.run('echo', Float64Array.of(0))
    await this.#work(3)
    await first
    await this.#run()
    this.puppets[0]!.begin()
  }

  get memory(): Memory {
    const { window: buffer, ring } = this.puppets[0]!.memory!
    const window = new Int32Array(buffer)
    const { first, step, slots } = WindowLayout.read('Stage', buffer)
    const held = Array.from({ length: slots }, (_, slot) => first + slot * step).find((word) => window[word] === HELD)
    return { window, slot: held ?? first, ring: new Int32Array(ring) }
  }

  abort(which: number): void {
    this.#aborts[which % TASKS]!.abort('not wanted')
  }

  advance(ms: number): void {
    this.#clock.advance(ms)
  }

  /** Everybody does what is left: each call is settled, and the pool is of use. */
  async finish(isOfUse = true): Promise<void> {
    for (let round = 0; round < ROUNDS && this.settled.length < TASKS; round++) await this.#work(1)
    expect(this.settled, 'calls that were settled').toHaveLength(TASKS)
    const last = this.pool.run('echo', Float64Array.of(7))
    let told: unknown
    last.then(
      (output) => {
        told = [...output]
      },
      (error) => {
        told = error
      },
    )
    for (let round = 0; round < ROUNDS && told === undefined; round++) await this.#work(1)
    if (isOfUse) expect(told).toEqual([7])
    else expect(told).toBeDefined()
    const closed = this.pool.close()
    await this.#work(2)
    this.advance(1000)
    await closed
  }

  async #run(): Promise<void> {
    for (let id = 0; id < TASKS; id++) {
      const abort = new AbortController()
      this.#aborts.push(abort)
      this.pool.run('echo', Float64Array.of(id), { signal: abort.signal }).then(
        ([output]) => this.settled.push(output === id ? 'done' : `${output} for ${id}`),
        (error) => this.settled.push(String(error)),
      )
    }
    await turn()
  }

  async #work(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      for (const puppet of this.puppets.filter(({ isGone }) => !isGone)) {
        puppet.begin()
        await puppet.end()
      }
      await turn()
      this.#clock.advance(10)
    }
  }
}

const nonsense = fc.oneof(
  fc.constantFrom(-1, 0, 1, 7, 8, 1000, 2 ** 30, 2 ** 31 - 1, -(2 ** 31)),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
)
const scribble = fc.record({
  /** In the payload of the slot that the worker has in hand, or its state; or in the worker's ring. */
  where: fc.constantFrom('slot' as const, 'head' as const, 'state' as const, 'ring' as const, 'records' as const),
  word: fc.nat({ max: 40 }),
  value: nonsense,
})
const step = fc.oneof(
  fc.record({ kind: fc.constant('scribble' as const), scribble }),
  fc.record({ kind: fc.constant('end' as const) }),
  fc.record({ kind: fc.constant('abort' as const), which: fc.nat() }),
  fc.record({ kind: fc.constant('advance' as const) }),
  fc.record({ kind: fc.constant('die' as const) }),
)

function write(
  { window, slot, ring }: Memory,
  { where, word, value }: typeof scribble extends fc.Arbitrary<infer S> ? S : never,
): void {
  if (where === 'ring') ring[word & 1 ? RING_TAIL : 32] = value
  else if (where === 'records') ring[64 + word] = value
  // What it has not in hand is not its own: that a task is lost there, nobody can see.
  else if (window[slot + SLOT_STATE] !== HELD) return
  else if (where === 'slot') window[slot + PAYLOAD + word] = value
  else if (where === 'head') window[slot + PAYLOAD + (word & 3)] = value
  else window[slot + SLOT_STATE] = word & 1 ? NOBODYS : STRANGERS
}

const cases: Readonly<Record<string, (memory: Memory) => void>> = {
  'the end of its records': ({ ring }) => ring.fill(12, RING_TAIL, RING_TAIL + 1),
  'a record of another slot': ({ ring }) => {
    ring.set([16, 0, 3, 1, 64, 0], 64 + 6)
    ring[RING_TAIL]! += 24
  },
  'how many tasks the parcel has': ({ window, slot }) =>
    window.fill(2 ** 31 - 1, slot + PAYLOAD + COUNT, slot + PAYLOAD + COUNT + 1),
  'what it has begun': ({ window, slot }) => window.fill(-5, slot + PAYLOAD + BEGUN, slot + PAYLOAD + BEGUN + 1),
  'what it may begin': ({ window, slot }) => window.fill(-5, slot + PAYLOAD + LIMIT, slot + PAYLOAD + LIMIT + 1),
  'where the outputs begin': ({ window, slot }) =>
    window.fill(2 ** 30, slot + PAYLOAD + OUTPUTS, slot + PAYLOAD + OUTPUTS + 1),
  'the length of an input': ({ window, slot }) =>
    window.fill(-2, slot + PAYLOAD + HEAD_BYTES / 4, slot + PAYLOAD + HEAD_BYTES / 4 + 1),
  "whose the slot is: nobody's": ({ window, slot }) => window.fill(NOBODYS, slot + SLOT_STATE, slot + SLOT_STATE + 1),
  "whose the slot is: no worker's": ({ window, slot }) =>
    window.fill(STRANGERS, slot + SLOT_STATE, slot + SLOT_STATE + 1),
  'where tasks wait': ({ window }) => window.fill(12_345, CLAIM, CLAIM + 1),
  'which tasks wait': ({ window }) => window.fill(99, ORDER, ORDER + 2 * SLOTS),
}

/** Whether workers may see the damage before the pool does, and end one after the other: then a call is refused, with the reason. */
function isSeenFirstByWorkers(name: string): boolean {
  return name === 'which tasks wait'
}

/** Whatever a worker writes, each call is settled, nothing is thrown where nobody catches it, and the pool is of use. */
function survives(Threads: typeof ThreadsTransport): fc.IRawProperty<unknown> {
  return fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
    const stage = new Stage(Threads)
    await stage.begin()
    for (const each of steps) {
      if (each.kind === 'scribble') write(stage.memory, each.scribble)
      else if (each.kind === 'end') await stage.puppets[0]!.end()
      else if (each.kind === 'abort') stage.abort(each.which)
      else if (each.kind === 'die') stage.puppets[0]!.leave(1)
      else stage.advance(4)
    }
    await stage.finish()
  })
}

describe('a worker that writes nonsense over', () => {
  it.each(Object.entries(cases))('%s', async (name, damage) => {
    const stage = new Stage()
    await stage.begin()
    damage(stage.memory)
    stage.advance(4)
    stage.abort(1)
    stage.advance(4)
    await stage.puppets[0]!.end()
    damage(stage.memory)
    await stage.finish(!isSeenFirstByWorkers(name))
  })

  it.each(Object.entries(cases))('%s, and ends', async (name, damage) => {
    const stage = new Stage()
    await stage.begin()
    await stage.puppets[0]!.end()
    damage(stage.memory)
    stage.puppets[0]!.leave(1)
    await stage.finish(!isSeenFirstByWorkers(name))
  })

  it('an output: those behind it are not taken for others', async () => {
    const stage = new Stage()
    await stage.begin()
    for (let ended = 0; ended < 3; ended++) await stage.puppets[0]!.end()
    const { window, slot } = stage.memory
    const outputs = slot + PAYLOAD + window[slot + PAYLOAD + OUTPUTS]! / 4
    // The second: the first has a head, the length of its array and a number.
    window[outputs + (ENTRY_BYTES + 16) / 4 + STATE] = 9
    await stage.finish()
    expect(stage.settled.filter((outcome) => outcome.includes(' for '))).toEqual([])
  })

  it('whatever is its own, at any time', () => holds(survives(ThreadsTransport), slow ? 3000 : 200))
  it('is caught when its tasks are said to run again, and do not', () => fails(survives(StubbornTransport)))
})

/** All that follows from what was done has happened. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
