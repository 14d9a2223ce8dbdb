import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const run = promisify(execFile)

/** Runs `script` in a process of its own, which has the hosts; resolves to what it printed once it has ended of itself. */
async function printedBy(script: string): Promise<string> {
  const frame = new URL('../../src/index.ts', import.meta.url)
  const code = `import { driveFrames, fixedStep, messageFrames, timerFrames } from '${frame}'\n${script}`
  const { stdout } = await run(
    process.execPath,
    ['--conditions=millrace-source', '--input-type=module', '--eval', code],
    { timeout: 50_000 },
  )
  return stdout.trim()
}

const NO_IMMEDIATES = 'delete globalThis.setImmediate'
const CONTROLLER =
  'const controller = { frames: 0, runFrame() { this.frames++; return { usedMs: 0, allowedMs: 0, budgetMs: 0 } } }'

describe('a real process', () => {
  it.each([
    ['messageFrames()', ''],
    ['messageFrames()', NO_IMMEDIATES],
    ['messageFrames({ fps: 1000 })', ''],
    ['timerFrames({ fps: 1000 })', ''],
    ['fixedStep(messageFrames(), { stepMs: 0.1 })', ''],
  ])('ends when %s is stopped %s', async (host, before) => {
    const printed = await printedBy(`${before}
      ${CONTROLLER}
      const onFrame = () => { if (controller.frames === 5) loop.stop() }
      const loop = driveFrames(controller, ${host}, { onFrame })
      process.on('exit', () => console.log(controller.frames))`)
    expect(printed).toBe('5')
  })

  it.each([
    ['messageFrames()', ''],
    ['messageFrames()', NO_IMMEDIATES],
    ['timerFrames({ fps: 1000 })', ''],
  ])('goes on with %s when a frame throws and the process survives it %s', async (host, before) => {
    const printed = await printedBy(`${before}
      ${CONTROLLER}
      const uncaught = []
      process.on('uncaughtException', (error) => uncaught.push(error.message))
      const onFrame = () => {
        if (controller.frames === 4) loop.stop()
        else throw new Error('of frame ' + controller.frames)
      }
      const loop = driveFrames(controller, ${host}, { onFrame })
      process.on('exit', () => console.log(uncaught.join()))`)
    expect(printed).toBe('of frame 1,of frame 2,of frame 3')
  })
})
