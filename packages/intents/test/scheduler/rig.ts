import { randomFrom } from '@millrace/kernel/test/property'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { BatchScheduler } from '../../src/batch-scheduler.ts'
import { createBatchScheduler } from '../../src/create-batch-scheduler.ts'
import { defineIntent } from '../../src/intent/define-intent.ts'
import type { Intent, IntentResult } from '../../src/intent/intent.ts'
import type { BatchSchedulerOptions } from '../../src/scheduler-options.ts'
import { type Effect, type Script, ScriptedSink } from './scripted-sink.ts'
import { StepClock, settled } from './step-clock.ts'

const target = { kind: 'insert', table: 'effects', columns: { ids: 'jsonb' } } as const
const toRow = ({ ids }: Effect) => ({ ids })

/** Applied as it is. */
export const plain = defineIntent({ type: 'plain', target, toRow })

/** Several of one key may be applied as one. */
const mergeable = defineIntent({
  type: 'mergeable',
  target,
  toRow,
  merge: (earlier: Effect, later: Effect): Effect => ({
    ids: [...earlier.ids, ...later.ids],
    isPoison: earlier.isPoison === true || later.isPoison === true,
    isRefused: earlier.isRefused === true || later.isRefused === true,
  }),
})

/** Its schema takes its time. */
const slow = defineIntent({
  type: 'slow',
  target,
  toRow,
  schema: {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: async (value: unknown) => ({ value: value as Effect }),
    },
  } as StandardSchemaV1<Effect>,
})

export type CreateScheduler = typeof createBatchScheduler

export interface RigOptions extends Partial<Omit<BatchSchedulerOptions, 'sink' | 'clock'>> {
  readonly script?: Script
  /** In whose place a mutant can stand. */
  readonly create?: CreateScheduler
}

/** How an intent of a {@link Rig} ended. */
export interface Ended {
  readonly at: number
  readonly result?: IntentResult
  /** What it rejected with, and its code. */
  readonly error?: unknown
  readonly code?: string
}

/** A scheduler on a virtual clock, in front of a scripted sink. */
export class Rig {
  readonly clock = new StepClock()
  readonly sink: ScriptedSink
  readonly scheduler: BatchScheduler
  /** By id, how each intent ended. */
  readonly ended = new Map<number, Ended>()
  #ids = 0

  constructor({ script, create = createBatchScheduler, ...options }: RigOptions = {}) {
    this.sink = new ScriptedSink(this.clock, script)
    this.scheduler = create({
      sink: this.sink,
      clock: this.clock,
      intents: [plain, mergeable, slow],
      random: randomFrom(1),
      ...options,
    })
  }

  /** Submits an intent, and gives its id. */
  submit(fields: Partial<Intent> & Omit<Effect, 'ids'> = {}, signal?: AbortSignal): number {
    const id = ++this.#ids
    const { isPoison, isRefused, ...rest } = fields
    const payload: Effect = { ids: [id], ...(isPoison && { isPoison }), ...(isRefused && { isRefused }) }
    this.scheduler.submit({ type: 'plain', payload, ...rest }, { signal }).then(
      (result) => this.#end(id, { at: this.clock.now(), result }),
      (error) => this.#end(id, { at: this.clock.now(), error, code: error?.code ?? String(error) }),
    )
    return id
  }

  submitMany(count: number, fields: (index: number) => Parameters<Rig['submit']>[0] = () => ({})): number[] {
    return Array.from({ length: count }, (_, index) => this.submit(fields(index)))
  }

  /** `committed`, `duplicate` or the code of its error; undefined as long as it has not ended. */
  how(id: number): string | undefined {
    const ended = this.ended.get(id)
    return ended?.result?.status ?? ended?.code
  }

  /** How many ended how. */
  get tally(): Record<string, number> {
    const tally: Record<string, number> = {}
    for (const id of this.ended.keys()) {
      const how = this.how(id)!
      tally[how] = (tally[how] ?? 0) + 1
    }
    return tally
  }

  /** Sizes of the writes so far. */
  get sizes(): number[] {
    return this.sink.writes.map(({ batch }) => batch.size)
  }

  async start(): Promise<this> {
    await this.scheduler.start()
    await settled()
    return this
  }

  #end(id: number, ended: Ended): void {
    if (this.ended.has(id)) throw new Error(`intent ${id} ended twice`)
    this.ended.set(id, ended)
  }
}
