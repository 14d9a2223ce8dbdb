import { expect, test } from 'vitest'
import { describeDeath } from '../../src/worker/worker-death.ts'
import type { ProcessEnd } from '../../src/worker/worker-process-group.ts'

const end = (changes: Partial<ProcessEnd>): ProcessEnd => ({
  exitCode: null,
  signal: null,
  error: undefined,
  stderr: '',
  ...changes,
})
const OUT_OF_MEMORY = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n'

test.each([
  [{ signal: 'SIGSEGV' }, 'crashed', 'was killed by SIGSEGV'],
  [{ exitCode: 7 }, 'crashed', 'exited with code 7'],
  [{}, 'crashed', 'could not be started (no reason was given)'],
  [{ error: Object.assign(new Error('x'), { code: 'EAGAIN' }) }, 'crashed', 'could not be started (EAGAIN)'],
  [{ signal: 'SIGABRT', stderr: OUT_OF_MEMORY }, 'memory', 'ran out of its heap of 64 MB'],
  [{ exitCode: 134, stderr: OUT_OF_MEMORY }, 'memory', 'ran out of its heap of 64 MB'],
  [{ signal: 'SIGABRT', stderr: 'assertion failed' }, 'crashed', 'was killed by SIGABRT'],
  [{ exitCode: 1, stderr: OUT_OF_MEMORY }, 'crashed', 'exited with code 1'],
] as const)('%j: %s, it %s', (how, reason, told) => {
  expect(describeDeath(end(how), undefined, 64, 10)).toMatchObject({ reason, detail: `The worker process ${told}` })
})

test("the engine's verdict goes before what the system says, and both are evidence", () => {
  const verdict = { reason: 'memory', told: 'held 900 MB', evidence: { limitMb: 800 } } as const
  expect(describeDeath(end({ signal: 'SIGKILL', stderr: 'last\nwords\n' }), verdict, 64, 900.4)).toEqual({
    reason: 'memory',
    detail: 'The worker process held 900 MB',
    evidence: { signal: 'SIGKILL', rssMb: 900, limitMb: 800, stderr: 'last\nwords' },
  })
})

test('of what it said, the last twelve lines are kept', () => {
  const stderr = Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n')
  const { evidence } = describeDeath(end({ exitCode: 1, stderr }), undefined, 64, 0)
  expect((evidence.stderr as string).split('\n')).toEqual(Array.from({ length: 12 }, (_, line) => `line ${line + 28}`))
})
