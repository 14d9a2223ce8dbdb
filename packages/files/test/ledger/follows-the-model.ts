import fc from 'fast-check'
import { expect } from 'vitest'
import { PathScope } from '../../src/discovery/path-scope.ts'
import type { Books, MeetOptions, Reuse, Unmet } from '../../src/ledger/ledger.ts'
import type { LedgerCalls } from '../../src/ledger/ledger-protocol.ts'
import {
  LedgerModel,
  nextPaths,
  type OnDisk,
  pathsWithin,
  recordOf,
  type Settlement,
  stretchOf,
} from './ledger-model.ts'
import { byStamp, hashOf, jobSpec, owner } from './samples.ts'

/** A ledger, and a machine under it that can stop at any moment. */
export interface Machine extends AsyncDisposable {
  readonly ledger: {
    readonly [Method in keyof LedgerCalls]: (
      ...args: Parameters<LedgerCalls[Method]>
    ) => ReturnType<LedgerCalls[Method]> | Promise<ReturnType<LedgerCalls[Method]>>
  }
  /** Goes on with what the ledger is when the machine runs again, having stopped now. */
  crash(): void | Promise<void>
  /** Does the work, which gives what the ledger says or the code of its refusal; and says whether the machine stopped in it when `rows` were written. */
  crashes(rows: number | undefined, work: () => Promise<unknown>): Promise<boolean>
}

type Call =
  | { readonly type: 'enqueue' }
  | { readonly type: 'start' | 'reopen'; readonly job: number }
  | { readonly type: 'endDiscovery'; readonly job: number; readonly unmet: Unmet }
  | { readonly type: 'finish'; readonly job: number; readonly state: 'done' | 'interrupted' }
  | {
      readonly type: 'meet'
      readonly job: number
      readonly count: number
      /** Where it is given, these paths and not the next ones. */
      readonly within?: readonly string[] | undefined
      readonly options: MeetOptions
    }
  | {
      readonly type: 'commit'
      readonly job: number
      readonly batch: number
      readonly complete: boolean
      readonly settlements: readonly Settlement[]
    }

type Step =
  | { readonly type: 'edit' | 'touch' | 'remove' | 'exclude'; readonly path: string }
  | { readonly type: 'upgrade' }
  | { readonly type: 'crash' }
  /** With `crashAt`, the machine stops when the call has written so many rows. */
  | { readonly type: 'call'; readonly call: Call; readonly crashAt: number | undefined }

const PATHS = ['a', 'b', 'c/d', 'c/e', 'f', 'g']
/** How far back a step reaches among the jobs: mostly it is about the newest. */
const job = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) })
const options = fc.record({
  reuse: fc.constantFrom<Reuse>('stamp', 'stamp', 'hash', 'hash', 'none'),
  retryQuarantined: fc.boolean(),
})
const settlement = fc.record({
  fileId: fc.nat(9),
  as: fc.constantFrom('read' as const, 'read' as const, 'quarantined' as const),
  fresh: fc.boolean(),
})
const within = fc
  .array(fc.constantFrom('a', 'b', 'c', 'c/d', 'g', 'z'), { minLength: 1, maxLength: 3 })
  .map((paths) => new PathScope(paths).paths)
const is = <T extends string | number>(type: T) => fc.constant(type)
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ type: is('enqueue') }),
  { weight: 3, arbitrary: fc.record({ type: is('start'), job }) },
  { weight: 6, arbitrary: fc.record({ type: is('meet'), job, count: fc.nat(PATHS.length), options }) },
  { weight: 3, arbitrary: fc.record({ type: is('meet'), job, count: is(0), within, options }) },
  {
    weight: 8,
    arbitrary: fc.record({
      type: is('commit'),
      job,
      batch: fc.nat(9),
      complete: fc.boolean(),
      settlements: fc.array(settlement, { maxLength: 4 }),
    }),
  },
  fc.record({ type: is('endDiscovery'), job, unmet: fc.constantFrom<Unmet>('gone', 'gone', 'stands') }),
  fc.record({ type: is('reopen'), job }),
  fc.record({ type: is('finish'), job, state: fc.constantFrom('done' as const, 'interrupted' as const) }),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom('edit' as const, 'edit' as const, 'touch' as const, 'remove' as const, 'exclude' as const),
      path: fc.constantFrom(...PATHS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: is('upgrade') }) },
  { weight: 1, arbitrary: fc.record({ type: is('crash') }) },
  {
    weight: 12,
    arbitrary: fc.record({
      type: is('call'),
      call,
      crashAt: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined, freq: 3 }),
    }),
  },
)

const calls = (...all: readonly Call[]) => all.map((call): Step => ({ type: 'call', call, crashAt: undefined }))
const readAll = [0, 1, 2, 3].map((fileId): Settlement => ({ fileId, as: 'read', fresh: false }))

/** Mostly a walk begins where a first job has delivered some of the tree, for there is more to get wrong from there on. */
const BEGUN: readonly Step[] = [
  ...PATHS.map((path): Step => ({ type: 'edit', path })),
  ...calls(
    { type: 'enqueue' },
    { type: 'start', job: 0 },
    { type: 'meet', job: 0, count: PATHS.length, options: byStamp },
    { type: 'commit', job: 0, batch: 0, complete: false, settlements: readAll },
  ),
]
/** … or where a second one has begun to verify it. */
const VERIFYING: readonly Step[] = [
  ...BEGUN,
  ...calls(
    { type: 'enqueue' },
    { type: 'start', job: 0 },
    { type: 'meet', job: 0, count: PATHS.length, options: { reuse: 'hash', retryQuarantined: false } },
  ),
]
/** … or goes on with that after a crash. */
const VERIFYING_AGAIN: readonly Step[] = [
  ...VERIFYING,
  ...calls({ type: 'commit', job: 0, batch: 0, complete: false, settlements: readAll.slice(1, 3) }),
  { type: 'crash' },
  ...calls({ type: 'start', job: 0 }),
]
const walk = fc
  .tuple(
    fc.constantFrom<readonly Step[]>(BEGUN, VERIFYING, VERIFYING_AGAIN, []),
    fc.array(step, { maxLength: 40, size: 'max' }),
  )
  .map(([begun, steps]) => [...begun, ...steps])

/** That a ledger does what the model does, whatever is called and whenever the machine stops. */
export function followsTheModel(start: () => Machine | Promise<Machine>, mayCrash = true) {
  return fc.asyncProperty(walk, async (steps) => {
    await using machine = await start()
    const disk = new Map<string, OnDisk>()
    const resultsAt = new Map<number, string>()
    let model = new LedgerModel()
    let changes = 0
    let version = 1
    const jobIdOf = (number: number) => `20261121-${String(number + 1).padStart(3, '0')}`

    const onModel = (call: Call): unknown => {
      if (call.type === 'enqueue') return model.enqueue()
      const job = Math.max(0, model.jobs.length - 1 - call.job)
      switch (call.type) {
        case 'start':
          return model.start(job)
        case 'finish':
          return model.finish(job, call.state)
        case 'meet':
          return model.meet(job, disk, call.count, call.within, version, call.options)
        case 'endDiscovery':
          return model.endDiscovery(job, call.unmet)
        case 'reopen':
          return model.reopenQuarantined(job)
        case 'commit':
          return model.commit(job, checkpointFor(call), version)
      }
    }
    const checkpointFor = ({ batch, complete, settlements }: Call & { type: 'commit' }) =>
      model.checkpointOf(batch, complete, settlements, disk, version)

    const onLedger = async (call: Call): Promise<unknown> => {
      const { ledger } = machine
      if (call.type === 'enqueue') {
        await ledger.enqueueJob({ ...jobSpec, processors: [`syntax@${version}`] })
        return undefined
      }
      const job = Math.max(0, model.jobs.length - 1 - call.job)
      const jobId = jobIdOf(job)
      switch (call.type) {
        case 'start':
          return (await ledger.startJob(jobId, owner, 1)).firstBatchId
        case 'finish':
          return ledger.finishJob(jobId, { state: call.state, finishedMs: 1, summary: '{}' })
        case 'meet': {
          const { count, within } = call
          const paths =
            within === undefined ? nextPaths(disk, model.metUpTo.get(job) ?? '', count) : pathsWithin(disk, within)
          const found = { ...stretchOf(disk, paths, version), ...(within !== undefined && { within }) }
          const met = await ledger.meetFiles(jobId, found, call.options)
          const { pending, reopened, unchanged, stillQuarantined, removed } = met
          return { pending: pending.map(({ fileId }) => fileId), reopened, unchanged, stillQuarantined, removed }
        }
        case 'endDiscovery':
          return ledger.endDiscovery(jobId, call.unmet)
        case 'reopen':
          return (await ledger.reopenQuarantined(jobId)).map(({ fileId }) => fileId)
        case 'commit':
          return ledger.commit(jobId, checkpointFor(call))
      }
    }

    const check = async () => {
      const { ledger } = machine
      for (const [number, { state, starts, batches, books }] of model.jobs.entries()) {
        const jobId = jobIdOf(number)
        const superseded = starts > 0 && number !== model.current
        expect(await ledger.job(jobId)).toMatchObject({
          state,
          starts,
          supersededBy: superseded ? jobIdOf(model.current) : null,
        })
        const none: Books = { discovered: 0, delivered: 0, quarantined: 0, excluded: 0 }
        expect(await ledger.books(jobId)).toEqual(starts === 0 ? none : superseded ? books : model.count())
        expect(
          (await ledger.batches(jobId)).map(({ batchId, complete, delivered, quarantined }) => [
            batchId,
            { complete, delivered, quarantined },
          ]),
        ).toEqual([...batches].sort(([a], [b]) => a - b))
      }
      if (model.current < 0) return
      const jobId = jobIdOf(model.current)
      const files = [...model.files].sort(([a], [b]) => (a < b ? -1 : 1))
      const results = await ledger.results(jobId, undefined, 100, 1e9)
      expect(results).toEqual(
        files
          .filter(([, { result }]) => result !== undefined)
          .map(([path, { result }]) => ({ path, hash: hashOf(result!.contents), record: recordOf(path, result!) })),
      )
      expect(
        (await ledger.pendingFiles(jobId, -1, 100)).map(({ fileId, path, knownHash }) => [fileId, path, knownHash]),
      ).toEqual(
        files
          .filter(([, { state }]) => state === 'pending')
          .map(([path, { id, kept }]) => [id, path, kept === undefined ? null : hashOf(kept.contents)])
          .sort(([a], [b]) => Number(a) - Number(b)),
      )
      expect((await ledger.quarantine(jobId)).map(({ path }) => path)).toEqual(
        files.filter(([, { state }]) => state === 'quarantined').map(([path]) => path),
      )
      const revision = await ledger.revision(jobId)
      // A result whose file is read again counts as there until it is known that it is void.
      const text = files.flatMap(([path, { result, kept = result }]) => (kept ? recordOf(path, kept) : [])).join('\n')
      expect(resultsAt.get(revision) ?? text).toBe(text)
      resultsAt.set(revision, text)
    }

    /** Does the call on both sides, and compares what they say. */
    const both = async (call: Call, crashAt?: number) => {
      if (call.type !== 'enqueue' && model.jobs.length === 0) return
      const before = model.copy()
      let said: unknown
      const crashed = await machine.crashes(crashAt, async () => {
        said = await outcomeOf(() => onLedger(call))
        return said
      })
      if (crashed) {
        model = before
        model.forget()
        // Numbers told after the crash point were never heard of.
        resultsAt.clear()
      } else {
        const expected = await outcomeOf(() => onModel(call))
        if (typeof expected === 'object' && expected !== null && 'code' in expected) model = before
        expect(said).toEqual(expected)
      }
    }

    for (const step of steps) {
      if (step.type === 'upgrade') version++
      else if (step.type === 'crash') {
        if (!mayCrash) continue
        await machine.crash()
        model.forget()
      } else if (step.type === 'call') await both(step.call, mayCrash ? step.crashAt : undefined)
      else if (step.type === 'remove') disk.delete(step.path)
      else {
        const { contents = 0 } = disk.get(step.path) ?? {}
        const stamp = String(++changes)
        const excluded = step.type === 'exclude'
        disk.set(step.path, { contents: step.type === 'edit' ? changes : contents, stamp, excluded })
      }
      await check()
    }

    // Whatever happened, the next job over the tree makes exactly what a first one would.
    const sequence: Call[] = [
      { type: 'enqueue' },
      { type: 'start', job: 0 },
      { type: 'meet', job: 0, count: PATHS.length, options: { reuse: 'stamp', retryQuarantined: true } },
      { type: 'endDiscovery', job: 0, unmet: 'gone' },
    ]
    for (const call of sequence) await both(call)
    const last = jobIdOf(model.jobs.length - 1)
    const settlements = (await machine.ledger.pendingFiles(last, -1, 100)).map(
      ({ fileId }): Settlement => ({ fileId, as: 'read', fresh: false }),
    )
    await both({ type: 'commit', job: 0, batch: 0, complete: true, settlements })
    await check()
    const afresh = [...disk]
      .filter(([, { excluded }]) => !excluded)
      .map(([path, { contents }]) => recordOf(path, { contents, version }))
      .sort()
    expect((await machine.ledger.results(last, undefined, 100, 1e9)).map(({ record }) => record).sort()).toEqual(afresh)
  })
}

async function outcomeOf(work: () => unknown): Promise<unknown> {
  try {
    return (await work()) ?? null
  } catch (error) {
    if (error instanceof Error && 'code' in error) return { code: error.code }
    throw error
  }
}

/** Whether the property tells such a ledger, by an assertion and not by breaking down itself. */
export async function fails(start: () => Machine | Promise<Machine>, mayCrash = true): Promise<boolean> {
  const { failed, errorInstance } = await fc.check(followsTheModel(start, mayCrash), {
    numRuns: 120,
    seed: 1,
    endOnFailure: true,
  })
  if (failed) expect(errorInstance).toHaveProperty('name', 'AssertionError')
  return failed
}
