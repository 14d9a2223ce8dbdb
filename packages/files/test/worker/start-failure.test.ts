import { ChildProcess } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { discovered } from '../discovered.ts'
import { temporaryFolder } from '../tree.ts'
import { childOver } from './child-over.ts'
import { reportsOf } from './executor-conformance.ts'

const CODES = ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM']
const failure = (code: string) => Object.assign(new Error(`spawn node ${code}`), { code })

/** A process that was never started, as Node.js hands it out: without a number, a channel or streams. */
function stillborn(code: string): ChildProcess {
  const child = new ChildProcess()
  process.nextTick(() => child.emit('error', failure(code)))
  return child
}

describe('a process that cannot be started', () => {
  test.each(CODES)('for %s thrown', async (code) => {
    const executor = childOver(temporaryFolder(), {
      fork: () => {
        throw failure(code)
      },
    })
    await expectRefusal(executor, code)
  })

  test.each(CODES)('for %s told by an event', async (code) => {
    await expectRefusal(childOver(temporaryFolder(), { fork: () => stillborn(code) }), code)
  })

  test('work that was waiting for it is refused too', async () => {
    const executor = childOver(temporaryFolder(), { fork: () => stillborn('EMFILE') })
    const run = reportsOf(executor, [discovered('a.js')])
    await expect(run).rejects.toMatchObject({ code: 'WORKER_START_FAILED', detail: { code: 'EMFILE' } })
  })
})

async function expectRefusal(executor: ReturnType<typeof childOver>, code: string): Promise<void> {
  await executor.close()
  expect(executor.usage()).toMatchObject({ pid: 0, rssMb: 0, cpuMs: 0 })
  await expect(reportsOf(executor, [discovered('a.js')])).rejects.toMatchObject({
    code: 'WORKER_START_FAILED',
    message: expect.stringContaining(`could not be started: spawn node ${code}`),
    detail: { code },
    cause: { code },
  })
}
