/**
 * The entry of a worker process: loads the processors, then processes one assignment after another until it is
 * told to exit or its parent is gone. It owns nothing that outlives it.
 */
import { writeSync } from 'node:fs'
import { MillraceError } from '@millrace/kernel/errors'
import { loadProcessors } from '../processor/load-processors.ts'
import { type ProcessingContext, processFiles } from './process-files.ts'
import type { FromWorker, ToWorker } from './protocol.ts'

/** What a process exits with that can no longer be trusted. */
const BROKEN = 70

type Saying<M> = M extends unknown ? Omit<M, 'token'> : never

let token = ''
/** Undefined where the processors do not load: the engine has been told and asks for nothing more. */
let loaded: Promise<ProcessingContext | undefined> = Promise.resolve(undefined)

// Taken before any processor is loaded: one that puts another function in its place meets only itself.
const exit = process.exit.bind(process)
const post = process.send!.bind(process)

process.on('message', (message: ToWorker) => {
  if (message.type === 'load') loaded = load(message)
  else if (message.type === 'run') void run(message)
  else exit(0)
})
process.on('disconnect', () => exit(0))
// Who ends a whole service or console signals us too; ending the work in hand is the engine's decision.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})

async function load(order: Extract<ToWorker, { type: 'load' }>): Promise<ProcessingContext | undefined> {
  const { root, base, maxFileBytes } = order
  token = order.token
  try {
    const processors = await loadProcessors(order.processors, base)
    await send({ type: 'ready' })
    return { root, processors, maxFileBytes }
  } catch (error) {
    const known = error instanceof MillraceError
    await send({
      type: 'unable',
      code: known ? error.code : 'PROCESSOR_LOAD_FAILED',
      message: error instanceof Error ? error.message : String(error),
      detail: known ? error.detail : {},
    })
    return undefined
  }
}

async function run({ assignment }: Extract<ToWorker, { type: 'run' }>): Promise<void> {
  const context = await loaded
  if (context === undefined) return
  try {
    await processFiles(assignment, context, (report) => send({ type: 'report', report, ...usage() }))
  } catch (error) {
    // Who asked finds out which file it was, as after any death.
    writeSync(2, `${error instanceof Error ? error.message : String(error)}\n`)
    exit(BROKEN)
  }
  await send({ type: 'done', assignmentId: assignment.assignmentId, ...usage() })
}

function usage(): { rssMb: number; cpuMs: number } {
  const { user, system } = process.cpuUsage()
  return { rssMb: process.memoryUsage.rss() / 1048576, cpuMs: (user + system) / 1000 }
}

/**
 * Resolves when the message is written, so that a slow engine slows the worker instead of filling its memory. Where the
 * channel is no more, neither is a reason to go on.
 */
function send(message: Saying<FromWorker>): Promise<void> {
  return new Promise((resolve) => {
    post({ ...message, token }, undefined, undefined, (error) => (error === null ? resolve() : exit(1)))
  })
}
