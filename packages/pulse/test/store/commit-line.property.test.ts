import { VirtualClock } from '@millrace/kernel'
import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CommitLine, type CommitLineOptions, MAX_AWAITED_COMMIT } from '../../src/store/commit-line.ts'
import type { PulseStore, StoreChanges } from '../../src/store/pulse-store.ts'
import { storedMonitor } from './samples.ts'

type Make = (options: CommitLineOptions) => CommitLine

/** More than go into one commit. */
const MONITORS = 600
/** Longer than any of these histories takes: who waits is told by a commit, or never. */
const WITHIN_MS = 1e9
const RETRY_MS = 1000

const anyMonitor = fc.nat(MONITORS - 1)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('change' as const), monitor: anyMonitor }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('change all' as const) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('await' as const), monitor: anyMonitor }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('await all' as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('remove' as const), monitor: anyMonitor }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('commit' as const), works: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('turn' as const) }) },
)

/** Lets all promises go on that can. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

/**
 * Who is told that a monitor is durable finds it in the store as it was then, or later; who waits for one is in the next commit that begins, and that is small; one
 * commit at a time; in the end all is kept, and all are told.
 */
const keepsWhatItSays = (make: Make) =>
  fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
    const clock = new VirtualClock()
    const versions = new Int32Array(MONITORS)
    const stored = new Int32Array(MONITORS)
    let underWay: { readonly changes: StoreChanges; end(works: boolean): void } | undefined
    /** Who waits for a commit that has not begun. */
    const first = new Set<number>()
    let broken = ''
    let tried: StoreChanges | undefined
    const begins = ({ monitors }: StoreChanges) => {
      const names = new Set(monitors.map(({ name }) => name))
      for (const monitor of first) if (!names.has(String(monitor))) broken ||= `${monitor} is not in the next commit`
      if (first.size > 0 && names.size > Math.max(MAX_AWAITED_COMMIT, first.size)) broken ||= `${names.size} at once`
      first.clear()
    }
    const store: Pick<PulseStore, 'commit'> = {
      commit: (changes) =>
        new Promise((resolve, reject) => {
          if (underWay !== undefined) broken ||= 'two at once'
          // What failed is tried again as it was.
          if (changes !== tried) begins(changes)
          tried = changes
          const end = (works: boolean) => {
            underWay = undefined
            if (!works) return reject(new Error('it does not work'))
            for (const { name, generation } of changes.monitors) stored[Number(name)] = generation
            resolve()
          }
          underWay = { changes, end }
        }),
    }
    const line = make({
      store: store as PulseStore,
      clock,
      logger: undefined,
      recordOf: (monitor) => storedMonitor({ name: String(monitor), generation: versions[monitor]! }),
      nameOf: String,
      lastNumber: () => 1,
      onAlerts: () => {},
    })
    let waiting = 0
    const wait = async (isDurable: Promise<boolean>, isKept: () => boolean) => {
      waiting++
      if ((await isDurable) && !isKept()) broken ||= 'what is said to be durable is not'
      waiting--
    }
    const removed = new Set<number>()
    line.start([])
    for (const one of steps) {
      if (one.does === 'change') {
        versions[one.monitor]!++
        line.changed(one.monitor)
        removed.delete(one.monitor)
      } else if (one.does === 'change all') {
        for (let monitor = 0; monitor < MONITORS; monitor++) {
          versions[monitor]!++
          line.changed(monitor)
        }
        removed.clear()
      } else if (one.does === 'await') {
        const version = versions[one.monitor]!
        first.add(one.monitor)
        removed.delete(one.monitor)
        void wait(line.durable(WITHIN_MS, one.monitor), () => stored[one.monitor]! >= version)
      } else if (one.does === 'await all') {
        const then = versions.slice()
        const isKept = () => then.every((version, monitor) => removed.has(monitor) || stored[monitor]! >= version)
        void wait(line.durable(WITHIN_MS), isKept)
      } else if (one.does === 'remove') {
        line.removed(one.monitor)
        first.delete(one.monitor)
        removed.add(one.monitor)
      } else if (one.does === 'commit') {
        underWay?.end(one.works)
        await settled()
        clock.advance(RETRY_MS)
      }
      if (one.does !== 'change') await settled()
    }
    for (let commits = 0; commits < 100 && (waiting > 0 || underWay !== undefined); commits++) {
      underWay?.end(true)
      await settled()
      clock.advance(RETRY_MS)
      await settled()
    }
    expect(broken).toBe('')
    expect(waiting).toBe(0)
    for (let monitor = 0; monitor < MONITORS; monitor++) {
      if (!removed.has(monitor)) expect(stored[monitor]).toBe(versions[monitor])
    }
    expect(clock.pending).toBe(0)
  })

test('what is said to be durable is, and who waits for a monitor goes first', async () => {
  await holds(
    keepsWhatItSays((options) => new CommitLine(options)),
    50,
  )
})

test.each<[string, Make]>([
  [
    'says so when the commit has begun',
    (options) =>
      new (class extends CommitLine {
        override durable(withinMs: number, monitor?: number): Promise<boolean> {
          void super.durable(withinMs, monitor)
          return Promise.resolve(true)
        }
      })(options),
  ],
  [
    'lets all who wait for one monitor wait for all',
    (options) =>
      new (class extends CommitLine {
        override durable(withinMs: number): Promise<boolean> {
          return super.durable(withinMs)
        }
      })(options),
  ],
  [
    'loses what changes while it commits',
    (options) =>
      new (class extends CommitLine {
        #isCommitting = false

        constructor(given: CommitLineOptions) {
          const commit = async (changes: StoreChanges) => {
            this.#isCommitting = true
            await given.store.commit(changes)
            this.#isCommitting = false
          }
          super({ ...given, store: { ...given.store, commit } })
        }

        override changed(monitor: number): void {
          if (!this.#isCommitting) super.changed(monitor)
        }
      })(options),
  ],
])('one that %s is caught', async (_, make) => {
  await fails(keepsWhatItSays(make))
})
