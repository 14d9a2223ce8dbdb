import { MillraceError } from '@millrace/kernel'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { checkpoint, delivery, file, files, jobSpec, quarantined } from './samples.ts'

/** A store that ledgers are opened on: every ledger it opens sees what those before it made durable. */
export interface LedgerStore extends AsyncDisposable {
  open(): Promise<Ledger>
}

/** Holds an implementation to every promise of the {@link Ledger} port. */
export function ledgerConformance(name: string, makeStore: () => Promise<LedgerStore>): void {
  describe(`${name} as a ledger`, { timeout: 30_000 }, () => {
    let store: LedgerStore
    let ledger: Ledger

    // One ledger serves all: each test works on jobs of its own.
    beforeAll(async () => {
      store = await makeStore()
      ledger = await store.open()
    })
    afterAll(async () => {
      await ledger.close()
      await store[Symbol.asyncDispose]()
    })

    const reopen = async () => {
      await ledger.close()
      ledger = await store.open()
    }
    const jobWith = async (count: number) => {
      const jobId = await ledger.createJob(jobSpec)
      await ledger.addFiles(jobId, files(count), [])
      return jobId
    }
    const everythingOf = async (jobId: string) => ({
      job: await ledger.job(jobId),
      books: await ledger.books(jobId),
      pending: await ledger.pendingFiles(jobId, -1, 1000),
      results: await ledger.results(jobId, undefined, 1000, 1e9),
      quarantine: await ledger.quarantine(jobId),
      attempts: await ledger.attempts(jobId, 1000),
      batches: await ledger.batches(jobId),
      highlights: await ledger.highlights(jobId, 1000),
      exclusions: await ledger.exclusions(jobId),
    })

    describe('jobs', () => {
      it('begin with none; ids name the day and sort by age', async () => {
        await using fresh = await makeStore()
        await using empty = await fresh.open()
        expect(await empty.job()).toBeUndefined()
        expect(await empty.jobs()).toEqual([])
        const nextDay = { ...jobSpec, startedMs: jobSpec.startedMs + 3_600_000 }
        const ids = [await empty.createJob(jobSpec), await empty.createJob(jobSpec), await empty.createJob(nextDay)]
        expect(ids).toEqual(['20261121-001', '20261121-002', '20261122-001'])
        expect(ids.toSorted()).toEqual(ids)
      })

      it('keeps what a job was started with, its owner too', async () => {
        const jobId = await ledger.createJob(jobSpec)
        await reopen()
        expect(await ledger.job(jobId)).toEqual({
          ...jobSpec,
          jobId,
          state: 'running',
          discoveryDone: false,
          finishedMs: null,
          summary: null,
          reason: null,
        })
      })

      it('lists them newest first, and gives the newest unless told which', async () => {
        const first = await ledger.createJob(jobSpec)
        const second = await ledger.createJob(jobSpec)
        expect((await ledger.jobs()).slice(0, 2).map(({ jobId }) => jobId)).toEqual([second, first])
        expect((await ledger.job())?.jobId).toBe(second)
        expect((await ledger.job(first))?.jobId).toBe(first)
        expect(await ledger.job('20200101-001')).toBeUndefined()
      })

      it('keeps how a job ended', async () => {
        const done = await ledger.createJob(jobSpec)
        const failed = await ledger.createJob(jobSpec)
        await ledger.finishJob(done, { state: 'done', finishedMs: 99.5, summary: '{"a":1}' })
        await ledger.finishJob(failed, { state: 'failed', finishedMs: 100, summary: '{}', reason: 'The disk is full.' })
        await reopen()
        expect(await ledger.job(done)).toMatchObject({
          state: 'done',
          finishedMs: 99.5,
          summary: '{"a":1}',
          reason: null,
        })
        expect(await ledger.job(failed)).toMatchObject({ state: 'failed', reason: 'The disk is full.' })
      })

      it('keeps jobs apart that hold the same files', async () => {
        const [first, second] = [await jobWith(3), await jobWith(3)]
        await ledger.commit(first, checkpoint(0, { deliveries: [delivery(0)], quarantined: [quarantined(1)] }))
        expect(await ledger.books(first)).toEqual({ discovered: 3, delivered: 1, quarantined: 1, excluded: 0 })
        expect(await ledger.books(second)).toEqual({ discovered: 3, delivered: 0, quarantined: 0, excluded: 0 })
        expect(await ledger.results(second, undefined, 10, 1e9)).toEqual([])
      })

      it('refuses every call about a job it does not have', async () => {
        const none = '20200101-001'
        const calls = [
          ledger.finishJob(none, { state: 'done', finishedMs: 0, summary: '{}' }),
          ledger.addFiles(none, [file(0)], []),
          ledger.endDiscovery(none),
          ledger.pendingFiles(none, -1, 1),
          ledger.commit(none, checkpoint(0)),
          ledger.books(none),
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

    describe('files', () => {
      it('gives back what discovery found, in pages, as long as it is pending', async () => {
        const jobId = await jobWith(5)
        const unnamed = { ...file(7, 'Makefile'), language: null, kind: 'other' as const }
        await ledger.addFiles(jobId, [unnamed], [{ path: '.env', reason: 'hidden' }])
        await ledger.commit(jobId, checkpoint(0, { deliveries: [delivery(0)], quarantined: [quarantined(3)] }))
        await reopen()
        expect(await ledger.pendingFiles(jobId, -1, 2)).toEqual([file(1), file(2)])
        expect(await ledger.pendingFiles(jobId, 2, 10)).toEqual([file(4), unnamed])
        expect(await ledger.pendingFiles(jobId, 7, 10)).toEqual([])
      })

      it('counts what was excluded, by reason', async () => {
        const jobId = await jobWith(1)
        await ledger.addFiles(
          jobId,
          [],
          [
            { path: 'b', reason: 'symlink' },
            { path: 'a', reason: 'hidden' },
          ],
        )
        await ledger.addFiles(jobId, [], [{ path: 'c', reason: 'hidden' }])
        await reopen()
        expect(await ledger.exclusions(jobId)).toEqual({ hidden: 2, symlink: 1 })
        expect(await ledger.books(jobId)).toEqual({ discovered: 4, delivered: 0, quarantined: 0, excluded: 3 })
      })

      it('refuses an id or a path given twice, and all that came with it', async () => {
        const jobId = await jobWith(2)
        const before = await everythingOf(jobId)
        const excluded = [{ path: 'x', reason: 'hidden' as const }]
        await expect(ledger.addFiles(jobId, [file(5), file(1, 'other.ts')], excluded)).rejects.toMatchObject({
          code: 'LEDGER_CONFLICT',
        })
        await expect(ledger.addFiles(jobId, [file(5), file(6, file(0).path)], excluded)).rejects.toBeInstanceOf(
          MillraceError,
        )
        expect(await everythingOf(jobId)).toEqual(before)
      })

      it('remembers that discovery ended', async () => {
        const jobId = await jobWith(1)
        await ledger.endDiscovery(jobId)
        await reopen()
        expect((await ledger.job(jobId))?.discoveryDone).toBe(true)
      })
    })

    describe('commit', () => {
      const attempt = { fileId: 2, attempt: 1, code: 'EMFILE', message: 'Too many open files.', ms: 3.5 }

      it('keeps all of a checkpoint', async () => {
        const jobId = await jobWith(4)
        const highlight = { list: 'complexity', label: 'parse (a.ts:1)', value: 12.5 }
        await ledger.commit(
          jobId,
          checkpoint(3, {
            worker: 1,
            deliveries: [delivery(2), delivery(0)],
            quarantined: [quarantined(1)],
            attempts: [attempt],
            highlights: [highlight],
          }),
        )
        await reopen()
        expect(await ledger.books(jobId)).toEqual({ discovered: 4, delivered: 2, quarantined: 1, excluded: 0 })
        expect(await ledger.quarantine(jobId)).toEqual([{ ...quarantined(1), path: file(1).path }])
        expect(await ledger.attempts(jobId, 10)).toEqual([{ ...attempt, path: file(2).path, batchId: 3 }])
        expect(await ledger.highlights(jobId, 10)).toEqual([highlight])
        expect(await ledger.results(jobId, undefined, 10, 1e9)).toEqual(
          [0, 2].map((id) => ({ path: file(id).path, hash: delivery(id).hash, record: delivery(id).record })),
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
        await ledger.commit(jobId, checkpoint(0, { ms: 9, deliveries: [delivery(1)], quarantined: [quarantined(2)] }))
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
        ['excluded', { deliveries: [delivery(4), delivery(-1)] }, -1, 'excluded'],
        [
          'tried but not in the job',
          { deliveries: [delivery(4)], attempts: [{ ...attempt, fileId: 99 }] },
          99,
          'unknown',
        ],
      ])('refuses a file %s, and keeps nothing of the checkpoint', async (_, parts, fileId, state) => {
        const jobId = await jobWith(5)
        await ledger.addFiles(jobId, [], [{ path: 'link', reason: 'symlink' }])
        await ledger.commit(jobId, checkpoint(0, { deliveries: [delivery(0)], quarantined: [quarantined(1)] }))
        const before = await everythingOf(jobId)
        const highlights = [{ list: 'complexity', label: 'f', value: 1 }]
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
        const jobId = await ledger.createJob(jobSpec)
        await ledger.addFiles(
          jobId,
          paths.map((path, id) => file(id, path)),
          [],
        )
        await ledger.commit(jobId, checkpoint(0, { deliveries: paths.map((_, id) => delivery(id)) }))
        const given = (await ledger.results(jobId, undefined, 100, 1e9)).map(({ path }) => path)
        expect(given).toEqual(paths.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
      })

      it('come in pages by rows and by bytes, at least one a page', async () => {
        const jobId = await jobWith(9)
        await ledger.commit(jobId, checkpoint(0, { deliveries: files(9).map(({ fileId }) => delivery(fileId)) }))
        const pathsAfter = async (after: string | undefined, limit: number, maxBytes: number) =>
          (await ledger.results(jobId, after, limit, maxBytes)).map(({ path }) => path)
        expect(await pathsAfter(undefined, 2, 1e9)).toEqual([file(0).path, file(1).path])
        expect(await pathsAfter(file(1).path, 100, 1)).toEqual([file(2).path])
        expect(await pathsAfter('src/file-1.zzz', 100, 3 * delivery(0).record.length)).toHaveLength(3)
        expect(await pathsAfter(file(8).path, 100, 1e9)).toEqual([])
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
      const jobId = await ledger.createJob(jobSpec)
      await ledger.addFiles(jobId, [file(0, 'c'), file(1, 'a'), file(2, 'b')], [])
      const tried = [2, 1].map((attempt) => ({ fileId: 1, attempt, code: 'EIO', message: 'no', ms: 1 }))
      const poison = [0, 1, 2].map(quarantined)
      await ledger.commit(
        jobId,
        checkpoint(0, { quarantined: poison, attempts: [{ ...tried[0]!, fileId: 2 }, ...tried] }),
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
        list: value < 5 ? 'depth' : 'complexity',
        label: `f${value}`,
        value,
      }))
      const deliveries = [5, 50, 0.5, 500, 5].map((ms, id) => delivery(id, ms))
      await ledger.commit(jobId, checkpoint(0, { deliveries, highlights }))
      expect(await ledger.slowest(jobId, 2)).toEqual([
        { path: file(3).path, ms: 500, size: file(3).size },
        { path: file(1).path, ms: 50, size: file(1).size },
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
      const jobId = await ledger.createJob(jobSpec)
      const steps = [
        ledger.addFiles(jobId, files(3), []),
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
