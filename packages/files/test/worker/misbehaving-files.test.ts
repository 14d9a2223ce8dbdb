import { describe, expect, test } from 'vitest'
import { found, temporaryFolder, writeTree } from '../tree.ts'
import { childOver, MISBEHAVING } from './child-over.ts'
import { reportsOf } from './executor-conformance.ts'
import { besideNeighbours, runThrough } from './run-through.ts'

/** Against hangs: nothing here waits for anything longer. */
const LIMIT_MS = 240_000

describe('a file whose processor fails costs itself alone', () => {
  const cases = [
    ['throw-error.js', 'PROCESSOR_FAILED', /TypeError: a plain one/],
    ['throw-string.js', 'PROCESSOR_FAILED', /a string/],
    ['throw-null.js', 'PROCESSOR_FAILED', /null/],
    ['throw-undefined.js', 'PROCESSOR_FAILED', /undefined/],
    ['throw-frozen.js', 'PROCESSOR_FAILED', /cannot be/],
    ['throw-message-getter.js', 'PROCESSOR_FAILED', /cannot be looked at/],
    ['throw-code-getter.js', 'PROCESSOR_FAILED', /cannot be looked at/],
    ['throw-huge.js', 'PROCESSOR_FAILED', /^.{500,600}$/],
    ['reject.js', 'PROCESSOR_FAILED', /rejected/],
    ['strange-highlight.js', 'RECORD_INVALID', /a highlight that is not/],
    ['huge-record.js', 'RECORD_TOO_LARGE', /70000011 characters of JSON; 67108864 are allowed/],
    ['endless-record.js', 'RECORD_TOO_LARGE', /more characters than a string can hold/],
  ] as const

  test(
    'whatever it throws or returns, and with it all the others in one process',
    async () => {
      const paths = cases.flatMap(([path]) => [path, `after-${path}`])
      const { delivered, failed, deaths } = await runThrough(['a.js', ...paths], { heapMb: 2048 })
      expect(deaths.size).toBe(0)
      expect([...failed.keys()]).toEqual(cases.map(([path]) => path))
      for (const [path, code, message] of cases) {
        const failure = failed.get(path)
        expect(failure, path).toMatchObject({ code, message: expect.stringMatching(message), transient: false })
        expect(JSON.stringify(failure).length, path).toBeLessThan(10_000)
      }
      expect([...delivered.keys()]).toEqual(['a.js', ...cases.map(([path]) => `after-${path}`)])
    },
    LIMIT_MS,
  )
})

describe('a file whose processor ends or spoils its process costs itself alone', () => {
  test.each([
    ['exit-0.js', 'crashed', /exited with code 0/],
    ['exit-7.js', 'crashed', /exited with code 7/],
    ['abort.js', 'crashed', /killed by SIGABRT/],
    ['sigkill.js', 'crashed', /killed by SIGKILL/],
    ['sigsegv.js', 'crashed', /killed by SIGSEGV/],
    ['flood-for-ever.js', 'memory', /ran out of its heap of 64 MB/],
    ['leak-buffers.js', 'memory', /held \d+ MB of memory; 300 MB are allowed/],
    ['disconnect.js', 'crashed', /exited with code 0/],
    ['close-channel.js', 'crashed', /closed its channel|exited with code/],
    ['forges-report.js', 'crashed', /sent an answer that a processor made up/],
    ['forges-done.js', 'crashed', /sent an answer that a processor made up/],
    ['chatters.js', 'crashed', /sent more than 1000 messages that mean nothing/],
  ] as const)(
    '%s: %s',
    async (path, reason, detail) => {
      const { delivered, failed, deaths } = await besideNeighbours(path, { memoryMb: () => 300 })
      expect([...deaths]).toMatchObject([[path, { reason, detail: expect.stringMatching(detail) }]])
      expect(delivered.size).toBe(2)
      expect(failed.size).toBe(0)
    },
    LIMIT_MS,
  )

  test(
    'whatever it does instead of answering, it is ended at its deadline',
    async () => {
      const neverEnds = async (path: string) => {
        const { delivered, failed, deaths } = await besideNeighbours(path, { deadlineMs: () => 1500 })
        const detail = expect.stringContaining('answered nothing for 1.5 s, the deadline of one file')
        expect([...deaths]).toMatchObject([[path, { reason: 'deadline', detail }]])
        expect(delivered.size).toBe(2)
        expect(failed.size).toBe(0)
      }
      // Side by side, for all they do is to let time pass.
      await Promise.all(['sigstop.js', 'never.js', 'atomics.js', 'never-but-talks.js'].map(neverEnds))
      await neverEnds('loop.js')
    },
    LIMIT_MS,
  )

  test.each([
    'exit-code.js',
    'json-gone.js',
    'send-gone.js',
    'chdir.js',
    'writes-bytes.js',
    'writes-file.js',
    'greets.js',
    'forges-start.js',
    'flood.js',
    'flood-line.js',
  ])(
    '%s: what it does reaches nobody',
    async (path) => {
      const { delivered, deaths } = await besideNeighbours(path)
      expect([...delivered.keys()]).toEqual(['a.js', path, 'z.js'])
      expect(delivered.get(path)).toMatchObject({ path, fine: true })
      expect(deaths.size).toBe(0)
    },
    LIMIT_MS,
  )

  test.each(['push-gone.js', 'promise-gone.js', 'clock-gone.js'])(
    '%s: the process goes on or dies, and counts nothing twice',
    async (path) => {
      const { delivered, deaths } = await besideNeighbours(path, { deadlineMs: () => 3000 })
      expect(delivered.size + deaths.size).toBe(3)
    },
    LIMIT_MS,
  )
})

describe('a file that is reported and then, by a timer, ends the process', () => {
  test.each(['throw-later.js', 'reject-later.js'])(
    '%s stands, and the file in hand by then is run again',
    async (path) => {
      const root = writeTree(temporaryFolder(), { [path]: '', 'nap.js': '', 'z.js': '' })
      const files = [path, 'nap.js', 'z.js'].map((name) => found(root, name))
      const processors = [MISBEHAVING]
      const { end, delivered, reports } = await reportsOf(childOver(root, { processors }), files, true)
      expect(end).toMatchObject({ done: false, death: { reason: 'crashed', evidence: { exitCode: 1 } } })
      expect(delivered.map(({ index }) => index)).toEqual([0])
      const { next } = reports.at(-1)!
      expect(next).toBe(1)
      const again = await reportsOf(childOver(root, { processors }), files.slice(next))
      expect(again.end).toEqual({ done: true })
      expect(again.delivered).toHaveLength(2)
    },
    LIMIT_MS,
  )
})

test('what a file in trouble printed last is evidence, with the memory its process held', async () => {
  const { delivered, failed, deaths } = await besideNeighbours('leak-heap.js', { memoryMb: () => 300 })
  expect([...deaths.keys()]).toEqual(['leak-heap.js'])
  expect(delivered.size).toBe(2)
  expect(failed.size).toBe(0)
  const { reason, detail, evidence } = deaths.get('leak-heap.js')!
  expect(reason).toBe('memory')
  expect(detail).toMatch(/ran out of its heap of 64 MB/)
  expect(evidence).toMatchObject({
    signal: 'SIGABRT',
    heapMb: 64,
    stderr: expect.stringContaining('heap out of memory'),
  })
  expect(evidence.rssMb).toBeGreaterThan(30)
})
