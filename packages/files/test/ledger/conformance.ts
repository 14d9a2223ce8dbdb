import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FoundChunk, FoundFile, JobSpec, Ledger, MeetOptions } from '../../src/ledger/ledger.ts'
import {
  byStamp,
  checkpoint,
  chunk,
  delivery,
  file,
  found,
  foundFiles,
  hashOf,
  jobSpec,
  owner,
  pathOf,
  quarantined,
} from './samples.ts'

/** A store that ledgers are opened on: every ledger it opens sees what those before it made durable. */
export interface LedgerStore extends AsyncDisposable {
  open(): Promise<Ledger>
}

/** Holds an implementation to every promise of the {@link Ledger} port. */
export function ledgerConformance(name: string, makeStore: () => Promise<LedgerStore>): void {
  describe(`${name} as a ledger`, () => {
    let store: LedgerStore
    let ledger: Ledger
    let roots = 0

    // One ledger serves all: each test works on a tree of its own.
    beforeAll(async () => {
      store = await makeStore()
      ledger = await store.open()
      await ledger.tryOwn()
    })
    afterAll(async () => {
      await ledger.close()
      await store[Symbol.asyncDispose]()
    })

    const reopen = async () => {
      await ledger.close()
      ledger = await store.open()
      await ledger.tryOwn()
    }
    const newRoot = () => `/tree-${roots++}`
    const started = async (spec: Partial<JobSpec> = {}) => {
      const jobId = await ledger.enqueueJob({ ...jobSpec, root: newRoot(), ...spec })
      await ledger.startJob(jobId, owner, 1)
      return jobId
    }
    const jobWith = async (count: number, spec: Partial<JobSpec> = {}) => {
      const jobId = await started(spec)
      await ledger.meetFiles(jobId, chunk(foundFiles(count)), byStamp)
      return jobId
    }
    const again = async (spec: Partial<JobSpec>, tree: FoundChunk, options: MeetOptions = byStamp) => {
      const jobId = await started(spec)
      const met = await ledger.meetFiles(jobId, tree, options)
      return { jobId, met }
    }
    const everythingOf = async (jobId: string) => ({
      job: await ledger.job(jobId),
      books: await ledger.books(jobId),
      revision: await ledger.revision(jobId),
      pending: await ledger.pendingFiles(jobId, -1, 1000),
      results: await ledger.results(jobId, undefined, 1000, 1e9),
      quarantine: await ledger.quarantine(jobId),
      attempts: await ledger.attempts(jobId, 1000),
      batches: await ledger.batches(jobId),
      highlights: await ledger.highlights(jobId, 1000),
      exclusions: await ledger.exclusions(jobId),
    })
    const delivered = async (jobId: string) =>
      (await ledger.results(jobId, undefined, 1000, 1e9)).map(({ path }) => path)
    const done = { state: 'done', finishedMs: 99.5, summary: '{"a":1}' } as const

    describe('ownership', () => {
      it('is one ledger’s at a time, and ends when it closes', async () => {
        await using fresh = await makeStore()
        const first = await fresh.open()
        await using second = await fresh.open()
        expect(await first.tryOwn()).toBe(true)
        expect(await first.tryOwn()).toBe(true)
        expect(await second.tryOwn()).toBe(false)
        await first.close()
        expect(await second.tryOwn()).toBe(true)
      })

      it('is given up by a ledger that stays open, which begins anew when it has it again', async () => {
        await using fresh = await makeStore()
        await using first = await fresh.open()
        await using second = await fresh.open()
        await first.release()
        await first.tryOwn()
        const jobId = await first.enqueueJob(jobSpec)
        await first.startJob(jobId, owner, 1)
        await first.release()
        await expect(first.endDiscovery(jobId)).rejects.toMatchObject({ code: 'LEDGER_NOT_OWNED' })
        expect(await second.tryOwn()).toBe(true)
        expect(await first.tryOwn()).toBe(false)
        await second.release()
        expect(await first.tryOwn()).toBe(true)
        await expect(first.endDiscovery(jobId)).rejects.toMatchObject({ code: 'JOB_NOT_STARTED' })
        await first.startJob(jobId, owner, 2)
        expect(await first.endDiscovery(jobId)).toBe(0)
      })

      it('is needed from startJob to commit, and for nothing else', async () => {
        await using fresh = await makeStore()
        await using owning = await fresh.open()
        await using other = await fresh.open()
        await owning.tryOwn()
        const jobId = await owning.enqueueJob(jobSpec)
        await owning.startJob(jobId, owner, 1)
        const queued = await other.enqueueJob(jobSpec)
        const calls = [
          other.startJob(jobId, owner, 1),
          other.finishJob(jobId, done),
          other.meetFiles(jobId, chunk([]), byStamp),
          other.endDiscovery(jobId),
          other.reopenQuarantined(jobId),
          other.commit(jobId, checkpoint(0)),
        ]
        for (const call of await Promise.allSettled(calls)) {
          expect(call).toMatchObject({ reason: { code: 'LEDGER_NOT_OWNED' } })
        }
        await other.remember('costs', '{}')
        expect(await other.books(jobId)).toMatchObject({ discovered: 0 })
        await other.finishJob(queued, { state: 'interrupted', finishedMs: 2, summary: '{}', reason: 'Called off.' })
        expect(await owning.job(queued)).toMatchObject({ state: 'interrupted', reason: 'Called off.', startedMs: null })
      })
    })

    describe('jobs', () => {
      it('begin with none; ids name the day and sort by age', async () => {
        await using fresh = await makeStore()
        await using empty = await fresh.open()
        expect(await empty.job()).toBeUndefined()
        expect(await empty.jobs()).toEqual([])
        const nextDay = { ...jobSpec, createdMs: jobSpec.createdMs + 3_600_000 }
        const ids = [await empty.enqueueJob(jobSpec), await empty.enqueueJob(jobSpec), await empty.enqueueJob(nextDay)]
        expect(ids).toEqual(['20261121-001', '20261121-002', '20261122-001'])
        expect(ids.toSorted()).toEqual(ids)
      })

      it('keep what they were entered with, and wait', async () => {
        const spec = { ...jobSpec, root: newRoot(), priority: 3 }
        const jobId = await ledger.enqueueJob(spec)
        await reopen()
        expect(await ledger.job(jobId)).toEqual({
          ...spec,
          jobId,
          state: 'queued',
          startedMs: null,
          starts: 0,
          discoveryDone: false,
          finishedMs: null,
          summary: null,
          reason: null,
          supersededBy: null,
        })
        expect(await ledger.books(jobId)).toEqual({ discovered: 0, delivered: 0, quarantined: 0, excluded: 0 })
        expect(await ledger.results(jobId, undefined, 10, 1e9)).toEqual([])
      })

      it('start with an owner, and again after they were cut short, with batch numbers not used before', async () => {
        const jobId = await ledger.enqueueJob({ ...jobSpec, root: newRoot() })
        expect(await ledger.startJob(jobId, { ...owner, pid: 1 }, 11)).toEqual({ firstBatchId: 0 })
        await ledger.meetFiles(jobId, chunk(foundFiles(2)), byStamp)
        await ledger.commit(jobId, checkpoint(6, { deliveries: [delivery(0)] }))
        await ledger.endDiscovery(jobId)
        const outcome = { state: 'interrupted', finishedMs: 12, summary: '{}', reason: 'SIGINT' } as const
        await ledger.finishJob(jobId, outcome)
        await reopen()
        expect(await ledger.job(jobId)).toMatchObject({ ...outcome, starts: 1, discoveryDone: true })
        expect(await ledger.startJob(jobId, { ...owner, pid: 2 }, 22)).toEqual({ firstBatchId: 7 })
        expect(await ledger.job(jobId)).toMatchObject({
          state: 'running',
          owner: { ...owner, pid: 2 },
          startedMs: 22,
          starts: 2,
          discoveryDone: false,
          finishedMs: null,
          summary: null,
          reason: null,
        })
        expect(await ledger.books(jobId)).toMatchObject({ discovered: 2, delivered: 1 })
      })

      it('are listed newest first, and the newest is given unless told which', async () => {
        const first = await ledger.enqueueJob(jobSpec)
        const second = await ledger.enqueueJob(jobSpec)
        expect((await ledger.jobs()).slice(0, 2).map(({ jobId }) => jobId)).toEqual([second, first])
        expect((await ledger.job())?.jobId).toBe(second)
        expect((await ledger.job(first))?.jobId).toBe(first)
        expect(await ledger.job('20200101-001')).toBeUndefined()
      })

      it('keep how they ended, and do not start again when done', async () => {
        const [good, bad] = [await started(), await started()]
        await ledger.finishJob(good, done)
        await ledger.finishJob(bad, { state: 'failed', finishedMs: 100, summary: '{}', reason: 'The disk is full.' })
        await reopen()
        expect(await ledger.job(good)).toMatchObject({ ...done, reason: null })
        expect(await ledger.job(bad)).toMatchObject({ state: 'failed', reason: 'The disk is full.' })
        await expect(ledger.startJob(good, owner, 1)).rejects.toMatchObject({
          code: 'JOB_DONE',
          detail: { jobId: good },
        })
        await ledger.startJob(bad, owner, 1)
      })

      it('take no files and no results before they are started, or once they ended', async () => {
        const queued = await ledger.enqueueJob({ ...jobSpec, root: newRoot() })
        const ended = await started()
        await ledger.finishJob(ended, done)
        for (const jobId of [queued, ended]) {
          const calls = [
            ledger.meetFiles(jobId, chunk(foundFiles(1)), byStamp),
            ledger.endDiscovery(jobId),
            ledger.commit(jobId, checkpoint(0)),
          ]
          for (const call of await Promise.allSettled(calls)) {
            expect(call).toMatchObject({ reason: { code: 'JOB_NOT_STARTED', detail: { jobId } } })
          }
        }
      })

      it('of other trees know nothing of each other', async () => {
        const [first, second] = [await jobWith(3), await jobWith(3)]
        await ledger.commit(first, checkpoint(0, { deliveries: [delivery(0)], quarantined: [quarantined(1)] }))
        expect(await ledger.books(first)).toEqual({ discovered: 3, delivered: 1, quarantined: 1, excluded: 0 })
        expect(await ledger.books(second)).toEqual({ discovered: 3, delivered: 0, quarantined: 0, excluded: 0 })
        expect(await ledger.results(second, undefined, 10, 1e9)).toEqual([])
        const others = await started({ root: (await ledger.job(first))!.root, processors: ['syntax@1'] })
        expect(await ledger.books(others)).toMatchObject({ discovered: 0 })
        expect((await ledger.job(first))?.supersededBy).toBeNull()
      })

      it('that a later one has superseded keep their books, batches and summary, and nothing else', async () => {
        const root = newRoot()
        const first = await jobWith(3, { root })
        await ledger.commit(first, checkpoint(0, { deliveries: [delivery(0)], quarantined: [quarantined(1)] }))
        const batches = await ledger.batches(first)
        const books = await ledger.books(first)
        const later = await ledger.enqueueJob({ ...jobSpec, root, processors: ['syntax@2', 'ast-json@7'] })
        expect((await ledger.job(first))?.supersededBy).toBeNull()
        expect(await ledger.books(later)).toMatchObject({ discovered: 0 })
        await ledger.startJob(later, owner, 1)
        expect(await ledger.books(later)).toEqual(books)
        await ledger.meetFiles(later, chunk([]), byStamp)
        expect(await ledger.endDiscovery(later)).toBe(3)
        expect(await ledger.books(later)).toMatchObject({ discovered: 0 })

        expect((await ledger.job(first))?.supersededBy).toBe(later)
        expect(await ledger.books(first)).toEqual(books)
        expect(await ledger.batches(first)).toEqual(batches)
        const calls = [
          ledger.startJob(first, owner, 1),
          ledger.meetFiles(first, chunk([]), byStamp),
          ledger.endDiscovery(first),
          ledger.pendingFiles(first, -1, 1),
          ledger.reopenQuarantined(first),
          ledger.commit(first, checkpoint(1)),
          ledger.revision(first),
          ledger.exclusions(first),
          ledger.quarantine(first),
          ledger.attempts(first, 1),
          ledger.slowest(first, 1),
          ledger.highlights(first, 1),
          ledger.results(first, undefined, 1, 1),
        ]
        for (const call of await Promise.allSettled(calls)) {
          expect(call).toMatchObject({
            reason: { code: 'JOB_SUPERSEDED', detail: { jobId: first, supersededBy: later } },
          })
        }
        await ledger.finishJob(first, { state: 'interrupted', finishedMs: 5, summary: '{"late":true}' })
        expect(await ledger.job(first)).toMatchObject({ state: 'interrupted', summary: '{"late":true}' })
        expect(await ledger.books(first)).toEqual(books)
      })

      it('that waited while a later one had their tree take it over in turn', async () => {
        const root = newRoot()
        const waiting = await ledger.enqueueJob({ ...jobSpec, root })
        const urgent = await jobWith(2, { root })
        await ledger.finishJob(urgent, done)
        await ledger.startJob(waiting, owner, 1)
        expect(await ledger.job(urgent)).toMatchObject({ supersededBy: waiting })
        expect(await ledger.books(urgent)).toMatchObject({ discovered: 2 })
        expect(await ledger.meetFiles(waiting, chunk(foundFiles(2)), byStamp)).toMatchObject({
          pending: [file(0), file(1)],
        })
      })

      it('unknown to the ledger are refused in every call', async () => {
        const none = '20200101-001'
        const calls = [
          ledger.startJob(none, owner, 1),
          ledger.finishJob(none, done),
          ledger.meetFiles(none, chunk([]), byStamp),
          ledger.endDiscovery(none),
          ledger.pendingFiles(none, -1, 1),
          ledger.reopenQuarantined(none),
          ledger.commit(none, checkpoint(0)),
          ledger.books(none),
          ledger.revision(none),
          ledger.exclusions(none),
          ledger.quarantine(none),
          ledger.attempts(none, 1),
          ledger.batches(none),
          ledger.slowest(none, 1),
          ledger.highlights(none, 1),
          ledger.results(none, undefined, 1, 1),
        ]
        for (const call of await Promise.allSettled(calls)) {
          expect(call).toMatchObject({ reason: { code: 'JOB_UNKNOWN', detail: { jobId: none } } })
        }
      })
    })

    describe('a tree met for the first time', () => {
      it('is all pending, with ids that ascend', async () => {
        const jobId = await started()
        const unnamed = found(9, { path: 'zzz/Makefile', language: null, kind: 'other' })
        expect(await ledger.meetFiles(jobId, chunk(foundFiles(3)), byStamp)).toEqual({
          pending: [file(0), file(1), file(2)],
          reopened: [],
          unchanged: 0,
          unchangedBytes: 0,
          stillQuarantined: 0,
          removed: 0,
        })
        const { pending } = await ledger.meetFiles(jobId, chunk([unnamed]), byStamp)
        expect(pending).toMatchObject([{ fileId: 3, path: 'zzz/Makefile', language: null, kind: 'other' }])
        await ledger.commit(jobId, checkpoint(0, { deliveries: [delivery(0)], quarantined: [quarantined(2)] }))
        await reopen()
        expect(await ledger.pendingFiles(jobId, -1, 1)).toEqual([file(1)])
        expect(await ledger.pendingFiles(jobId, 1, 10)).toEqual(pending)
        expect(await ledger.pendingFiles(jobId, 3, 10)).toEqual([])
      })

      it('counts what was excluded, by reason', async () => {
        const jobId = await started()
        const entries = [
          { path: '.env', reason: 'hidden' },
          { path: 'link', reason: 'symlink' },
        ] as const
        await ledger.meetFiles(jobId, chunk([], entries), byStamp)
        await ledger.meetFiles(jobId, chunk([found(1)], [{ path: 'src/.git', reason: 'hidden' }]), byStamp)
        await reopen()
        expect(await ledger.exclusions(jobId)).toEqual({ hidden: 2, symlink: 1 })
        expect(await ledger.books(jobId)).toEqual({ discovered: 4, delivered: 0, quarantined: 0, excluded: 3 })
      })

      it('lets pass that two excluded names are written the same', async () => {
        const jobId = await started()
        const twin = { path: 'a\\xff', reason: 'name-not-utf8' } as const
        await ledger.meetFiles(jobId, chunk([], [twin, twin]), byStamp)
        await ledger.meetFiles(jobId, chunk([], [twin]), byStamp)
        expect(await ledger.books(jobId)).toMatchObject({ discovered: 1, excluded: 1 })
      })

      it.each([
        ['in a stretch', [found(5), found(4)], []],
        ['twice in a stretch', [found(4), found(4)], []],
        ['behind the stretch before', [found(1)], []],
        ['the last of the stretch before', [found(2)], []],
        ['known, after one that is new', [found(8), found(2)], []],
        ['excluded', [found(4)], ['b', 'a']],
        ['by the order of UTF-16', [found(4, { path: 't\u{1F600}' }), found(5, { path: 't\uFF5E' })], []],
      ])(
        'refuses paths that do not ascend, and all that came with them: %s',
        async (_, files: FoundFile[], excluded) => {
          const jobId = await jobWith(3)
          const before = await everythingOf(jobId)
          const entries = ['z', ...excluded]
          await expect(
            ledger.meetFiles(
              jobId,
              chunk(
                files,
                entries.map((path) => ({ path, reason: 'hidden' as const })),
              ),
              byStamp,
            ),
          ).rejects.toMatchObject({ code: 'LEDGER_CONFLICT' })
          expect(await everythingOf(jobId)).toEqual(before)
          await ledger.meetFiles(jobId, chunk([found(4)]), byStamp)
        },
      )

      it('remembers that discovery ended, and takes no more after', async () => {
        const jobId = await jobWith(1)
        expect(await ledger.endDiscovery(jobId)).toBe(0)
        await expect(ledger.meetFiles(jobId, chunk([found(7)]), byStamp)).rejects.toMatchObject({
          code: 'LEDGER_CONFLICT',
        })
        expect(await ledger.endDiscovery(jobId)).toBe(0)
        await reopen()
        expect((await ledger.job(jobId))?.discoveryDone).toBe(true)
      })
    })

    describe('a part of a tree', () => {
      /** All delivered, but for `z/out.ts`. */
      const settled = async (root: string) => {
        const paths = ['a', 'a-b.ts', 'a.ts', 'a/b.ts', 'a/c/d.ts', 'a0.ts', 'z.ts']
        const files = paths.map((path, n) => found(n, { path }))
        const jobId = await started({ root })
        await ledger.meetFiles(jobId, chunk(files, [{ path: 'z/out.ts', reason: 'ignored' }]), byStamp)
        await ledger.endDiscovery(jobId)
        const deliveries = files.map((_, n) => delivery(n))
        await ledger.commit(jobId, checkpoint(0, { deliveries, complete: true }))
        await ledger.finishJob(jobId, done)
        return files
      }
      const within = async (
        root: string,
        paths: string[],
        files: FoundFile[],
        excluded: FoundChunk['excluded'] = [],
      ) => {
        const jobId = await started({ root })
        const met = await ledger.meetFiles(jobId, { files, excluded, within: paths }, byStamp)
        return { jobId, met }
      }

      it('is met alone: the rest stands, before it, behind it and between', async () => {
        const root = newRoot()
        const files = await settled(root)
        const edited = { ...files[3]!, stamp: 'x:y:z' }
        const added = found(9, { path: 'm.ts' })
        const { jobId, met } = await within(root, ['a', 'm.ts', 'z'], [edited, files[4]!, added])
        expect(met).toMatchObject({ unchanged: 1, removed: 1, reopened: [3] })
        expect(met.pending.map(({ path }) => path)).toEqual(['a/b.ts', 'm.ts'])
        expect(await ledger.endDiscovery(jobId, 'stands')).toBe(0)
        expect(await ledger.endDiscovery(jobId)).toBe(0)
        expect(await ledger.books(jobId)).toEqual({ discovered: 7, delivered: 5, quarantined: 0, excluded: 0 })
        expect(await delivered(jobId)).toEqual(['a-b.ts', 'a.ts', 'a/c/d.ts', 'a0.ts', 'z.ts'])
        await reopen()
        expect((await ledger.job(jobId))?.discoveryDone).toBe(true)
      })

      it('may be empty, or excluded', async () => {
        const root = newRoot()
        await settled(root)
        const none = await within(root, ['a', 'b', 'z.ts'], [], [{ path: 'z.ts', reason: 'symlink' }])
        expect(none.met).toMatchObject({ pending: [], unchanged: 0, removed: 4 })
        await ledger.endDiscovery(none.jobId, 'stands')
        expect(await delivered(none.jobId)).toEqual(['a-b.ts', 'a.ts', 'a0.ts'])
        expect(await ledger.exclusions(none.jobId)).toEqual({ ignored: 1, symlink: 1 })
      })

      it('is met in byte order, or nothing is kept', async () => {
        const root = newRoot()
        const files = await settled(root)
        const call = within(root, ['a', 'a.ts'], [files[3]!, files[2]!])
        await expect(call).rejects.toMatchObject({ code: 'LEDGER_CONFLICT' })
      })
    })

    describe('a tree met again', () => {
      const highlight = (fileId: number) => ({ fileId, list: 'complexity', label: `f${fileId}`, value: fileId })
      const attempt = (fileId: number) => ({ fileId, attempt: 1, code: 'EIO', message: 'no', ms: 1 })
      /** Files 0 to 3 delivered, 4 with a stamp that says nothing, 5 in quarantine, 6 pending. */
      const settledTree = async () => {
        const root = newRoot()
        const jobId = await jobWith(7, { root })
        const sure = [0, 1, 2, 3].map((id) => delivery(id))
        await ledger.commit(
          jobId,
          checkpoint(0, {
            deliveries: [...sure, delivery(4, { stamp: null })],
            quarantined: [quarantined(5)],
            attempts: [attempt(0), attempt(5)],
            highlights: [0, 1, 2, 3, 4].map(highlight),
          }),
        )
        await ledger.endDiscovery(jobId)
        await ledger.finishJob(jobId, done)
        return { root, jobId, revision: await ledger.revision(jobId) }
      }
      const tree = (changes: Record<number, Partial<FoundFile>> = {}) =>
        chunk(foundFiles(7).map((one, n) => ({ ...one, ...changes[n] })))
      const ids = (files: readonly { readonly fileId: number }[]) => files.map(({ fileId }) => fileId)

      it('is unchanged where size, stamp and processor are', async () => {
        const { root, revision } = await settledTree()
        const { jobId, met } = await again({ root }, tree())
        expect(met).toEqual({
          pending: [file(4, 4, hashOf(4)), file(6)],
          reopened: [4],
          unchanged: 4,
          unchangedBytes: 4006,
          stillQuarantined: 1,
          removed: 0,
        })
        expect(await ledger.books(jobId)).toEqual({ discovered: 7, delivered: 4, quarantined: 1, excluded: 0 })
        expect(await ledger.revision(jobId)).toBe(revision)
      })

      it.each([
        ['stamp', { stamp: 'other' }],
        ['size', { size: 1 }],
      ])('gives a file of another %s back with the hash of its kept result', async (_, change) => {
        const { root } = await settledTree()
        const { jobId, met } = await again({ root }, tree({ 2: change, 5: change }))
        expect(met).toMatchObject({ reopened: [2, 4, 5], unchanged: 3, stillQuarantined: 0 })
        expect(met.pending).toEqual([
          { ...file(2, 2, hashOf(2)), ...change },
          file(4, 4, hashOf(4)),
          { ...file(5), ...change },
          file(6),
        ])
        await reopen()
        expect(await ledger.pendingFiles(jobId, -1, 10)).toEqual(met.pending)
        expect(await delivered(jobId)).toEqual([0, 1, 3].map(pathOf))
        expect(await ledger.quarantine(jobId)).toEqual([])
        expect((await ledger.highlights(jobId, 10)).map(({ label }) => label)).toEqual(['f3', 'f1', 'f0'])
        expect(ids(await ledger.attempts(jobId, 10))).toEqual([0])
      })

      it('makes results of another version of the processor stale, and their files come without a hash', async () => {
        const { root } = await settledTree()
        const processor = 'syntax@2'
        const newer = tree(Object.fromEntries([2, 4, 5, 6].map((n) => [n, { processor }])))
        const { jobId, met } = await again({ root, processors: [processor, 'ast-json@1'] }, newer)
        expect(met).toMatchObject({ pending: [file(2), file(4), file(5), file(6)], reopened: [2, 4, 5], unchanged: 3 })
        await ledger.commit(jobId, checkpoint(0, { deliveries: ids(met.pending).map((id) => delivery(id)) }))
        const next = await again({ root, processors: [processor, 'ast-json@1'] }, newer)
        expect(next.met).toMatchObject({ pending: [], unchanged: 7 })
      })

      it.each([
        ['hash', [0, 1, 2, 3, 4].map((n) => file(n, n, hashOf(n))), [0, 1, 2, 3]],
        ['none', [0, 1, 2, 3, 4].map((n) => file(n)), []],
      ] as const)('is pending altogether where reuse is %s', async (reuse, files, standing) => {
        const { root } = await settledTree()
        const { jobId, met } = await again({ root }, tree(), { reuse, retryQuarantined: false })
        expect(met).toMatchObject({ unchanged: 0, stillQuarantined: 1 })
        expect(met.reopened).toEqual([0, 1, 2, 3, 4].slice(standing.length))
        expect(met.pending).toEqual([...files, file(6)])
        expect(await delivered(jobId)).toEqual(standing.map(pathOf))
      })

      it.each(['hash', 'none'] as const)(
        'takes what the same job delivered by its stamp where reuse is %s',
        async (reuse) => {
          const { root } = await settledTree()
          const options = { reuse, retryQuarantined: false }
          const { jobId, met } = await again({ root }, tree(), options)
          const settled =
            reuse === 'hash'
              ? { confirmed: [0, 1].map((fileId) => ({ fileId, stamp: `a:b:${fileId}` })) }
              : { deliveries: [delivery(0), delivery(1)] }
          await ledger.commit(jobId, checkpoint(0, settled))
          await reopen()
          await ledger.startJob(jobId, owner, 2)
          const resumed = await ledger.meetFiles(jobId, tree({ 1: { stamp: 'edited' } }), options)
          expect(resumed).toMatchObject({ unchanged: 1, reopened: [1] })
          expect(ids(resumed.pending)).toEqual([1, ...ids(met.pending).slice(2)])
        },
      )

      it('tries what is in quarantine again where told to', async () => {
        const { root } = await settledTree()
        const { jobId, met } = await again({ root }, tree(), { reuse: 'stamp', retryQuarantined: true })
        expect(met).toMatchObject({ pending: [file(4, 4, hashOf(4)), file(5), file(6)], reopened: [4, 5] })
        expect(ids(await ledger.attempts(jobId, 10))).toEqual([0])
      })

      it('loses what is gone, stretch by stretch, and what lies behind the last when discovery ends', async () => {
        const { root } = await settledTree()
        const jobId = await started({ root })
        expect(await ledger.meetFiles(jobId, chunk([found(2)]), byStamp)).toMatchObject({ removed: 2, unchanged: 1 })
        expect(await ledger.books(jobId)).toMatchObject({ discovered: 5 })
        expect(await delivered(jobId)).toEqual([2, 3, 4].map(pathOf))
        expect(await ledger.meetFiles(jobId, chunk([]), byStamp)).toMatchObject({ removed: 0, pending: [] })
        expect(
          await ledger.meetFiles(jobId, chunk([], [{ path: pathOf(3), reason: 'ignored' }]), byStamp),
        ).toMatchObject({
          removed: 1,
        })
        expect(await ledger.endDiscovery(jobId)).toBe(3)
        await reopen()
        expect(await ledger.books(jobId)).toEqual({ discovered: 2, delivered: 1, quarantined: 0, excluded: 1 })
        expect(await delivered(jobId)).toEqual([pathOf(2)])
        expect(await ledger.attempts(jobId, 10)).toEqual([])
        expect((await ledger.highlights(jobId, 10)).map(({ label }) => label)).toEqual(['f2'])
        expect((await ledger.slowest(jobId, 10)).map(({ path }) => path)).toEqual([pathOf(2)])
      })

      it('keeps what lies behind the last path met when the walk is cut short', async () => {
        const { root } = await settledTree()
        const { jobId } = await again({ root }, chunk([found(1)]))
        await ledger.finishJob(jobId, { state: 'interrupted', finishedMs: 1, summary: '{}' })
        await reopen()
        expect(await ledger.books(jobId)).toEqual({ discovered: 6, delivered: 4, quarantined: 1, excluded: 0 })
        await ledger.startJob(jobId, owner, 2)
        expect(await ledger.meetFiles(jobId, tree(), byStamp)).toMatchObject({ unchanged: 3, stillQuarantined: 1 })
      })

      it('takes a file that was excluded, and excludes one that was not', async () => {
        const root = newRoot()
        const entries = [
          { path: pathOf(1), reason: 'ignored' },
          { path: pathOf(2), reason: 'hidden' },
        ] as const
        await again({ root }, chunk([found(0)], entries))
        const { jobId, met } = await again(
          { root },
          chunk(
            [found(1)],
            [
              { path: pathOf(0), reason: 'ignored' },
              { ...entries[1], reason: 'excluded' },
            ],
          ),
        )
        expect(met).toMatchObject({ pending: [file(1)], removed: 1 })
        expect(await ledger.exclusions(jobId)).toEqual({ ignored: 1, excluded: 1 })
        expect(await ledger.books(jobId)).toMatchObject({ discovered: 3, excluded: 2 })
      })

      it('never uses an id again', async () => {
        const root = newRoot()
        const first = await jobWith(3, { root })
        await ledger.endDiscovery(first)
        const { jobId } = await again({ root }, chunk([found(0)]))
        await ledger.endDiscovery(jobId)
        const { met } = await again({ root }, chunk(foundFiles(3)))
        expect(met.pending).toEqual([file(0), file(1, 3), file(2, 4)])
      })
    })

    describe('confirmation', () => {
      const confirmable = async () => {
        const root = newRoot()
        const first = await jobWith(3, { root })
        const highlights = [{ fileId: 0, list: 'complexity', label: 'f', value: 1 }]
        await ledger.commit(first, checkpoint(0, { deliveries: [delivery(0, { ms: 70 }), delivery(1)], highlights }))
        const results = await ledger.results(first, undefined, 10, 1e9)
        const edited = chunk(foundFiles(3).map((one, n) => (n === 0 ? { ...one, stamp: 'touched' } : one)))
        const { jobId } = await again({ root }, edited)
        return { root, jobId, results, edited }
      }

      it('lets the kept result stand again, with the stamp it was read at', async () => {
        const { root, jobId, results, edited } = await confirmable()
        await ledger.commit(jobId, checkpoint(0, { confirmed: [{ fileId: 0, stamp: 'touched' }] }))
        expect(await ledger.batches(jobId)).toMatchObject([{ delivered: 1, quarantined: 0 }])
        expect(await ledger.results(jobId, undefined, 10, 1e9)).toEqual(results)
        expect(await ledger.highlights(jobId, 10)).toHaveLength(1)
        expect(await ledger.slowest(jobId, 1)).toMatchObject([{ ms: 70 }])
        const { met } = await again({ root }, edited)
        expect(met).toMatchObject({ unchanged: 2, pending: [file(2)] })
      })

      it('survives a job cut short before it, and goes with a new delivery or into quarantine', async () => {
        const { root, jobId, edited } = await confirmable()
        const { met, jobId: next } = await again({ root }, edited)
        expect(met.pending[0]).toEqual({ ...file(0, 0, hashOf(0)), stamp: 'touched' })
        await expect(ledger.commit(jobId, checkpoint(0))).rejects.toMatchObject({ code: 'JOB_SUPERSEDED' })
        await ledger.commit(next, checkpoint(0, { quarantined: [quarantined(0)] }))
        expect(await ledger.reopenQuarantined(next)).toEqual([{ ...file(0), stamp: 'touched' }])
        await ledger.commit(next, checkpoint(1, { deliveries: [delivery(0, { hash: hashOf(77) })] }))
        expect((await ledger.results(next, undefined, 1, 1e9))[0]).toMatchObject({ hash: hashOf(77) })
        expect(await ledger.highlights(next, 10)).toEqual([])
      })

      it('keeps nothing for a file whose processor changed meanwhile', async () => {
        const { root } = await confirmable()
        const processors = ['syntax@2', 'ast-json@1']
        const newer = chunk(foundFiles(3).map((one) => ({ ...one, processor: 'syntax@2' })))
        const { met, jobId } = await again({ root, processors }, newer)
        expect(met.pending).toEqual([file(0), file(1), file(2)])
        await expect(
          ledger.commit(jobId, checkpoint(0, { confirmed: [{ fileId: 0, stamp: null }] })),
        ).rejects.toMatchObject({ code: 'LEDGER_CONFLICT', detail: { fileId: 0, state: 'without a kept result' } })
      })

      it.each([
        ['delivered', 1],
        ['without a kept result', 2],
        ['unknown', 99],
      ])('of a file that is %s is refused', async (state, fileId) => {
        const { jobId } = await confirmable()
        const before = await everythingOf(jobId)
        const confirmed = [
          { fileId: 0, stamp: null },
          { fileId, stamp: null },
        ]
        await expect(ledger.commit(jobId, checkpoint(0, { confirmed }))).rejects.toMatchObject({
          code: 'LEDGER_CONFLICT',
          detail: { fileId, state },
        })
        expect(await everythingOf(jobId)).toEqual(before)
      })
    })

    describe('revision', () => {
      it('is another whenever the results are, and the same while they are', async () => {
        const root = newRoot()
        const jobId = await jobWith(3, { root })
        const seen = [await ledger.revision(jobId)]
        const changes = async (id: string) => {
          const revision = await ledger.revision(id)
          const isNew = !seen.includes(revision)
          seen.push(revision)
          return isNew
        }
        await ledger.commit(jobId, checkpoint(0, { quarantined: [quarantined(2)] }))
        expect(await changes(jobId)).toBe(false)
        await ledger.commit(jobId, checkpoint(1, { deliveries: [delivery(0), delivery(1)] }))
        expect(await changes(jobId)).toBe(true)
        const unchanged = await again({ root }, chunk(foundFiles(3)))
        expect(await changes(unchanged.jobId)).toBe(false)
        const touched = chunk([found(0, { stamp: 'other' }), found(1), found(2)])
        const read = await again({ root }, touched)
        await ledger.commit(read.jobId, checkpoint(0, { confirmed: [{ fileId: 0, stamp: 'other' }] }))
        expect(await changes(read.jobId)).toBe(false)
        const verified = await again({ root }, touched, { reuse: 'hash', retryQuarantined: false })
        const confirmed = [0, 1].map((fileId) => ({ fileId, stamp: 'other' }))
        await ledger.commit(verified.jobId, checkpoint(0, { confirmed }))
        expect(await changes(verified.jobId)).toBe(false)
        const without = await again({ root }, chunk([found(0, { stamp: 'other' }), found(2)]))
        expect(await changes(without.jobId)).toBe(true)
        expect(await ledger.endDiscovery(without.jobId)).toBe(0)
        expect(await changes(without.jobId)).toBe(false)
        expect(seen).toEqual(seen.toSorted((a, b) => a - b))
      })
    })

    describe('revision of results that are reopened', () => {
      const other = { stamp: 'other' }
      const newer = { processor: 'syntax@2' }
      it.each<[string, (jobId: string) => Promise<unknown>, number]>([
        ['and found gone', (jobId) => ledger.meetFiles(jobId, chunk([found(1)]), byStamp), 1],
        ['and behind the last path met', (jobId) => ledger.endDiscovery(jobId), 1],
        ['and of another processor', (jobId) => ledger.meetFiles(jobId, chunk([found(0, newer)]), byStamp), 1],
        ['and met again', (jobId) => ledger.meetFiles(jobId, chunk([found(0, other), found(1)]), byStamp), 0],
      ])('%s', async (_, meet, rise) => {
        const root = newRoot()
        const first = await jobWith(2, { root })
        await ledger.commit(first, checkpoint(0, { deliveries: [delivery(0)] }))
        const { jobId: second, met } = await again({ root }, chunk([found(0, other), found(1)]))
        expect(met.reopened).toEqual([0])
        const revision = await ledger.revision(second)
        const third = await started({ root })
        await meet(third)
        expect(await ledger.revision(third)).toBe(revision + rise)
      })

      it.each([
        ['delivered anew', { deliveries: [delivery(0)] }, 1],
        ['quarantined', { quarantined: [quarantined(0)] }, 1],
        ['confirmed', { confirmed: [{ fileId: 0, stamp: null }] }, 0],
      ])('and %s', async (_, settled, rise) => {
        const root = newRoot()
        await ledger.commit(await jobWith(1, { root }), checkpoint(0, { deliveries: [delivery(0)] }))
        const { jobId } = await again({ root }, chunk([found(0, other)]))
        const revision = await ledger.revision(jobId)
        await ledger.commit(jobId, checkpoint(0, settled))
        expect(await ledger.revision(jobId)).toBe(revision + rise)
      })
    })

    describe('verification', () => {
      const byHash: MeetOptions = { reuse: 'hash', retryQuarantined: false }
      const agreed = (fileId: number) => ({ fileId, stamp: `a:b:${fileId}` })
      const attempt = (fileId: number, attempt: number) => ({ fileId, attempt, code: 'EIO', message: 'no', ms: 1 })
      /** Five files delivered by one job, and handed out to be checked by the next. */
      const verifying = async () => {
        const root = newRoot()
        const first = await jobWith(5, { root })
        const deliveries = [0, 1, 2, 3, 4].map((id) => delivery(id))
        await ledger.commit(first, checkpoint(0, { deliveries, attempts: [attempt(0, 1), attempt(1, 1)] }))
        const { jobId, met } = await again({ root }, chunk(foundFiles(5)), byHash)
        expect(met).toMatchObject({ reopened: [], unchanged: 0 })
        expect(met.pending).toEqual([0, 1, 2, 3, 4].map((n) => file(n, n, hashOf(n))))
        return { root, jobId }
      }
      const resumed = async (jobId: string) => {
        await reopen()
        await ledger.startJob(jobId, owner, 2)
        return ledger.meetFiles(jobId, chunk(foundFiles(5)), byHash)
      }

      it('leaves results, books and revision as they are until it finds a change', async () => {
        const { jobId } = await verifying()
        const before = await everythingOf(jobId)
        expect(before.books).toEqual({ discovered: 5, delivered: 5, quarantined: 0, excluded: 0 })
        expect(before.pending).toEqual([])
        await ledger.commit(jobId, checkpoint(0, { confirmed: [0, 1, 2, 3, 4].map(agreed) }))
        const { batches, ...rest } = await everythingOf(jobId)
        expect(batches).toMatchObject([{ delivered: 5, quarantined: 0 }])
        expect(rest).toEqual({ ...before, batches: undefined })
      })

      it('replaces or removes the results of files that changed, and what was tried of them before', async () => {
        const { root, jobId } = await verifying()
        await ledger.commit(jobId, checkpoint(0, { complete: false, attempts: [attempt(1, 1)] }))
        expect(await ledger.pendingFiles(jobId, -1, 10)).toEqual([file(1, 1, hashOf(1))])
        const parts = {
          deliveries: [delivery(0, { hash: hashOf(77), stamp: 'read later' })],
          quarantined: [quarantined(1)],
          attempts: [attempt(1, 2)],
          confirmed: [{ fileId: 2, stamp: null }, agreed(3)],
        }
        await ledger.commit(jobId, checkpoint(0, parts))
        expect((await ledger.results(jobId, undefined, 1, 1e9))[0]).toMatchObject({ hash: hashOf(77) })
        expect(await ledger.books(jobId)).toEqual({ discovered: 5, delivered: 4, quarantined: 1, excluded: 0 })
        expect((await ledger.attempts(jobId, 10)).map(({ fileId, attempt }) => [fileId, attempt])).toEqual([
          [1, 1],
          [1, 2],
        ])
        const { met } = await again({ root }, chunk(foundFiles(5)))
        expect(met).toMatchObject({ reopened: [0, 2], unchanged: 2, stillQuarantined: 1 })
      })

      it('goes on where it was when its job is started again', async () => {
        const { jobId } = await verifying()
        await ledger.commit(jobId, checkpoint(0, { confirmed: [agreed(0), agreed(4)] }))
        await ledger.commit(jobId, checkpoint(1, { confirmed: [{ fileId: 2, stamp: 'touched' }] }))
        await ledger.finishJob(jobId, { state: 'interrupted', finishedMs: 3, summary: '{}' })
        const met = await resumed(jobId)
        expect(met).toMatchObject({ unchanged: 2, reopened: [2] })
        expect(met.pending.map(({ fileId }) => fileId)).toEqual([1, 2, 3])
      })

      it('is another job’s from the start', async () => {
        const { root, jobId } = await verifying()
        await ledger.commit(jobId, checkpoint(0, { confirmed: [agreed(0), agreed(4)] }))
        const { met } = await again({ root }, chunk(foundFiles(5)), byHash)
        expect(met).toMatchObject({ unchanged: 0 })
        const plain = await again({ root }, chunk(foundFiles(5)))
        expect(plain.met).toMatchObject({ unchanged: 5, pending: [] })
      })

      const settlements = {
        delivered: { deliveries: [delivery(0)] },
        confirmed: { confirmed: [agreed(0)] },
        quarantined: { quarantined: [quarantined(0)] },
      }
      it.each(
        (['delivered', 'confirmed', 'quarantined'] as const).flatMap((first) =>
          (['delivered', 'confirmed', 'quarantined'] as const).map((second) => [first, second] as const),
        ),
      )('lets a file be settled once: %s, it is not %s', async (first, second) => {
        const { jobId } = await verifying()
        const conflict = {
          code: 'LEDGER_CONFLICT',
          detail: { fileId: 0, state: first === 'quarantined' ? 'quarantined' : 'delivered' },
        }
        const together = checkpoint(0, { confirmed: [agreed(3)], ...settlements[first], ...settlements[second] })
        if (first !== second) {
          await expect(ledger.commit(jobId, together)).rejects.toMatchObject({ code: 'LEDGER_CONFLICT' })
        }
        const before = await everythingOf(jobId)
        await ledger.commit(jobId, checkpoint(0, { ...settlements[first], complete: false }))
        const settled = await everythingOf(jobId)
        expect(settled).not.toEqual(before)
        // Beside one that may be settled, which is not the culprit.
        const beside = { confirmed: [agreed(2)], deliveries: [delivery(1)] }
        const { confirmed = [], deliveries = [], ...rest } = { ...settlements[second] } as Partial<typeof beside>
        const late = {
          ...rest,
          confirmed: [...beside.confirmed, ...confirmed],
          deliveries: [...beside.deliveries, ...deliveries],
        }
        await expect(ledger.commit(jobId, checkpoint(1, late))).rejects.toMatchObject(conflict)
        expect(await everythingOf(jobId)).toEqual(settled)
        await ledger.commit(jobId, checkpoint(1, beside))
        if (first === 'quarantined') return
        await resumed(jobId)
        await expect(ledger.commit(jobId, checkpoint(2, settlements[second]))).rejects.toMatchObject(conflict)
      })

      it('was handed out by an earlier start is no leave to settle a file', async () => {
        const { jobId } = await verifying()
        await reopen()
        await ledger.startJob(jobId, owner, 2)
        await expect(ledger.commit(jobId, checkpoint(0, settlements.confirmed))).rejects.toMatchObject({
          code: 'LEDGER_CONFLICT',
          detail: { fileId: 0, state: 'delivered' },
        })
      })
    })

    describe('quarantine', () => {
      it('lets files out, all of them or those named, and none where one is not in it', async () => {
        const jobId = await jobWith(4)
        await ledger.commit(jobId, checkpoint(0, { quarantined: [0, 1, 3].map(quarantined) }))
        await expect(ledger.reopenQuarantined(jobId, [pathOf(0), pathOf(2), 'x'])).rejects.toMatchObject({
          code: 'QUARANTINE_UNKNOWN',
          detail: { paths: [pathOf(2), 'x'] },
        })
        expect(await ledger.quarantine(jobId)).toHaveLength(3)
        expect(await ledger.reopenQuarantined(jobId, [pathOf(1), pathOf(1)])).toEqual([file(1)])
        expect(await ledger.reopenQuarantined(jobId)).toEqual([file(0), file(3)])
        expect(await ledger.reopenQuarantined(jobId)).toEqual([])
        await reopen()
        expect(await ledger.pendingFiles(jobId, -1, 10)).toEqual([0, 1, 2, 3].map((n) => file(n)))
        expect(await ledger.books(jobId)).toMatchObject({ quarantined: 0 })
      })

      it('lets them out of a job that is done too', async () => {
        const jobId = await jobWith(1)
        await ledger.commit(jobId, checkpoint(0, { quarantined: [quarantined(0)] }))
        await ledger.finishJob(jobId, done)
        expect(await ledger.reopenQuarantined(jobId, [pathOf(0)])).toEqual([file(0)])
      })
    })

    describe('commit', () => {
      const attempt = { fileId: 2, attempt: 1, code: 'EMFILE', message: 'Too many open files.', ms: 3.5 }

      it('keeps all of a checkpoint', async () => {
        const jobId = await jobWith(4)
        const highlight = { list: 'complexity', label: 'parse (a.ts:1)', value: 12.5 }
        const gone = await ledger.commit(
          jobId,
          checkpoint(3, {
            worker: 1,
            deliveries: [delivery(2), delivery(0)],
            quarantined: [quarantined(1)],
            attempts: [attempt],
            highlights: [{ ...highlight, fileId: 2 }],
          }),
        )
        expect(gone).toEqual([])
        await reopen()
        expect(await ledger.books(jobId)).toEqual({ discovered: 4, delivered: 2, quarantined: 1, excluded: 0 })
        expect(await ledger.quarantine(jobId)).toEqual([{ ...quarantined(1), path: pathOf(1), size: 1001 }])
        expect(await ledger.attempts(jobId, 10)).toEqual([{ ...attempt, path: pathOf(2), batchId: 3 }])
        expect(await ledger.highlights(jobId, 10)).toEqual([highlight])
        expect(await ledger.results(jobId, undefined, 10, 1e9)).toEqual(
          [0, 2].map((id) => ({ path: pathOf(id), hash: delivery(id).hash, record: delivery(id).record })),
        )
        expect(await ledger.batches(jobId)).toEqual([
          {
            batchId: 3,
            complete: true,
            priority: 1,
            estimatedMs: 12.5,
            ms: 10,
            worker: 1,
            checkpoints: 1,
            delivered: 2,
            quarantined: 1,
          },
        ])
      })

      it('takes a batch in several checkpoints, and none after the last', async () => {
        const jobId = await jobWith(4)
        await ledger.commit(jobId, checkpoint(0, { complete: false, ms: 5, deliveries: [delivery(0)] }))
        expect(await ledger.batches(jobId)).toMatchObject([{ complete: false, checkpoints: 1, ms: 5 }])
        const highlights = [{ fileId: 0, list: 'complexity', label: 'f', value: 1 }]
        await ledger.commit(
          jobId,
          checkpoint(0, { ms: 9, deliveries: [delivery(1)], quarantined: [quarantined(2)], highlights }),
        )
        expect(await ledger.batches(jobId)).toMatchObject([
          { complete: true, checkpoints: 2, ms: 9, delivered: 2, quarantined: 1 },
        ])
        const before = await everythingOf(jobId)
        await expect(ledger.commit(jobId, checkpoint(0, { deliveries: [delivery(3)] }))).rejects.toMatchObject({
          code: 'LEDGER_CONFLICT',
          detail: { batchId: 0 },
        })
        expect(await everythingOf(jobId)).toEqual(before)
      })

      it('passes over files that discovery has removed meanwhile, and gives their ids', async () => {
        const root = newRoot()
        await jobWith(7, { root })
        const { jobId } = await again({ root }, chunk([found(0), found(6)]))
        const gone = await ledger.commit(
          jobId,
          checkpoint(0, {
            deliveries: [delivery(0), delivery(1)],
            confirmed: [{ fileId: 2, stamp: null }],
            quarantined: [quarantined(3)],
            attempts: [
              { ...attempt, fileId: 4 },
              { ...attempt, fileId: 1 },
            ],
            highlights: [{ fileId: 5, list: 'complexity', label: 'f', value: 1 }],
          }),
        )
        expect(gone.toSorted()).toEqual([1, 2, 3, 4, 5])
        expect(await ledger.books(jobId)).toEqual({ discovered: 2, delivered: 1, quarantined: 0, excluded: 0 })
        expect(await ledger.batches(jobId)).toMatchObject([{ delivered: 1, quarantined: 0 }])
        expect(await ledger.attempts(jobId, 10)).toEqual([])
      })

      it.each([
        ['delivered already', { deliveries: [delivery(4), delivery(0)] }, 0, 'delivered'],
        ['quarantined already', { deliveries: [delivery(4), delivery(1)] }, 1, 'quarantined'],
        [
          'quarantined that was delivered',
          { deliveries: [delivery(4)], quarantined: [quarantined(0)] },
          0,
          'delivered',
        ],
        ['quarantined twice', { deliveries: [delivery(4)], quarantined: [quarantined(1)] }, 1, 'quarantined'],
        ['in the checkpoint twice', { deliveries: [delivery(4), delivery(4)] }, 4, 'in it twice'],
        ['both in one checkpoint', { deliveries: [delivery(4)], quarantined: [quarantined(4)] }, 4, 'in it twice'],
        ['not in the job', { deliveries: [delivery(4), delivery(99)] }, 99, 'unknown'],
        ['of no id', { deliveries: [delivery(4), delivery(-1)] }, -1, 'unknown'],
        [
          'tried but not in the job',
          { deliveries: [delivery(4)], attempts: [{ ...attempt, fileId: 99 }] },
          99,
          'unknown',
        ],
      ])('refuses a file %s, and keeps nothing of the checkpoint', async (_, parts, fileId, state) => {
        const jobId = await jobWith(5)
        await ledger.commit(jobId, checkpoint(0, { deliveries: [delivery(0)], quarantined: [quarantined(1)] }))
        const before = await everythingOf(jobId)
        const highlights = [{ fileId: 0, list: 'complexity', label: 'f', value: 1 }]
        await expect(
          ledger.commit(jobId, checkpoint(1, { attempts: [attempt], highlights, ...parts })),
        ).rejects.toMatchObject({
          code: 'LEDGER_CONFLICT',
          detail: { jobId, batchId: 1, fileId, state },
        })
        expect(await everythingOf(jobId)).toEqual(before)
        await ledger.commit(jobId, checkpoint(1, { deliveries: [delivery(4)] }))
      })
    })

    describe('results', () => {
      it('come in the byte order of their paths, whatever the order they were made in', async () => {
        const paths = ['b', 'a/b', 'a.b', 'Z', 'a', 'ä', '\u{1F600}', '\uFF5E', 'a b', 'a/b/c']
        const sorted = paths.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        const root = newRoot()
        const stretch = chunk(sorted.map((path) => found(0, { path })))
        const { jobId } = await again({ root }, stretch)
        const order = [3, 7, 0, 9, 1, 8, 2, 6, 4, 5]
        await ledger.commit(jobId, checkpoint(0, { deliveries: order.map((id) => delivery(id, { stamp: 'a:b:0' })) }))
        const given = (await ledger.results(jobId, undefined, 100, 1e9)).map(({ path }) => path)
        expect(given).toEqual(sorted)
        expect((await again({ root }, stretch)).met).toMatchObject({ unchanged: 10, removed: 0, pending: [] })
      })

      it('come in pages by rows and by bytes, at least one a page', async () => {
        const jobId = await jobWith(9)
        await ledger.commit(jobId, checkpoint(0, { deliveries: foundFiles(9).map((_, id) => delivery(id)) }))
        const pathsAfter = async (after: string | undefined, limit: number, maxBytes: number) =>
          (await ledger.results(jobId, after, limit, maxBytes)).map(({ path }) => path)
        expect(await pathsAfter(undefined, 2, 1e9)).toEqual([pathOf(0), pathOf(1)])
        expect(await pathsAfter(pathOf(1), 100, 1)).toEqual([pathOf(2)])
        expect(await pathsAfter('src/file-000001.zzz', 100, 3 * delivery(0).record.length)).toHaveLength(3)
        expect(await pathsAfter(pathOf(8), 100, 1e9)).toEqual([])
      })

      it('come back letter by letter', async () => {
        const records = [
          '{"text":"\\u0000 ä 日本 \u{1F600} \\ud800"}',
          JSON.stringify({ long: 'x'.repeat(200_000) }),
          '{}',
        ]
        const jobId = await jobWith(records.length)
        const deliveries = records.map((record, id) => ({ ...delivery(id), record }))
        await ledger.commit(jobId, checkpoint(0, { deliveries }))
        expect((await ledger.results(jobId, undefined, 10, 1e9)).map(({ record }) => record)).toEqual(records)
      })
    })

    it('sorts what was quarantined and what was tried by path', async () => {
      const { jobId } = await again({ root: newRoot() }, chunk(['a', 'b', 'c'].map((path) => found(0, { path }))))
      const tried = [2, 1].map((attempt) => ({ fileId: 0, attempt, code: 'EIO', message: 'no', ms: 1 }))
      const poison = [2, 0, 1].map(quarantined)
      await ledger.commit(
        jobId,
        checkpoint(0, { quarantined: poison, attempts: [{ ...tried[0]!, fileId: 1 }, ...tried] }),
      )
      expect((await ledger.quarantine(jobId)).map(({ path }) => path)).toEqual(['a', 'b', 'c'])
      const attempts = (await ledger.attempts(jobId, 10)).map(({ path, attempt }) => [path, attempt])
      expect(attempts).toEqual([
        ['a', 1],
        ['a', 2],
        ['b', 2],
      ])
      expect(await ledger.attempts(jobId, 1)).toHaveLength(1)
    })

    it('tells the slowest files and the largest highlights', async () => {
      const jobId = await jobWith(5)
      const highlights = [3, 9, 5, 7].map((value) => ({
        fileId: 0,
        list: value < 5 ? 'depth' : 'complexity',
        label: `f${value}`,
        value,
      }))
      const deliveries = [5, 50, 0.5, 500, 5].map((ms, id) => delivery(id, { ms }))
      await ledger.commit(jobId, checkpoint(0, { deliveries, highlights }))
      expect(await ledger.slowest(jobId, 2)).toEqual([
        { path: pathOf(3), ms: 500, size: 1003 },
        { path: pathOf(1), ms: 50, size: 1001 },
      ])
      expect((await ledger.highlights(jobId, 2)).map(({ list, value }) => [list, value])).toEqual([
        ['complexity', 9],
        ['complexity', 7],
        ['depth', 3],
      ])
    })

    it('remembers what was learned, the last word of it', async () => {
      expect(await ledger.recall('costs')).toBeUndefined()
      await ledger.remember('costs', '{"typescript":1}')
      await ledger.remember('costs', '{"typescript":2}')
      await reopen()
      expect(await ledger.recall('costs')).toBe('{"typescript":2}')
    })

    it('takes calls in the order they were made, waited for or not', async () => {
      const jobId = await started()
      const steps = [
        ledger.meetFiles(jobId, chunk(foundFiles(3)), byStamp),
        ledger.commit(jobId, checkpoint(0, { deliveries: [delivery(0)] })),
        ledger.books(jobId),
        ledger.commit(jobId, checkpoint(1, { deliveries: [delivery(1)] })),
        ledger.books(jobId),
      ] as const
      expect(await steps[2]).toMatchObject({ discovered: 3, delivered: 1 })
      expect(await steps[4]).toMatchObject({ delivered: 2 })
    })

    it('finishes what it took before it closes, takes nothing after, and may be closed twice', async () => {
      const jobId = await jobWith(1)
      const commit = ledger.commit(jobId, checkpoint(0, { deliveries: [delivery(0)] }))
      const closed = ledger.close()
      await expect(ledger.books(jobId)).rejects.toMatchObject({ code: 'LEDGER_CLOSED' })
      await commit
      await closed
      await ledger.close()
      await reopen()
      expect(await ledger.books(jobId)).toMatchObject({ delivered: 1 })
    })
  })
}
