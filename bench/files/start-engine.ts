import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { EngineOrder, EngineWord } from './engine-process.ts'

/** The module that {@link startEngine} runs. */
export const engineEntry = fileURLToPath(new URL('./engine-process.ts', import.meta.url))

export type EngineEnd = Extract<EngineWord, { type: 'finished' }>

export interface StartedEngine {
  readonly process: ChildProcess
  /** Settles when the process is gone: with what it came to, or undefined where it was killed. */
  readonly ended: Promise<EngineEnd | undefined>
}

/**
 * Starts an engine in a process of its own and gives it a job.
 * @param onCommit Hears of every batch as it is committed.
 */
export function startEngine(
  order: EngineOrder,
  onCommit?: (word: Extract<EngineWord, { type: 'committed' }>) => void,
): StartedEngine {
  return driveEngine(fork(engineEntry), order, onCommit)
}

/** Gives a job to a process that runs {@link engineEntry}. */
export function driveEngine(
  child: ChildProcess,
  order: EngineOrder,
  onCommit?: (word: Extract<EngineWord, { type: 'committed' }>) => void,
): StartedEngine {
  let end: EngineEnd | undefined
  child.on('message', (word: EngineWord) => {
    if (word.type === 'finished') end = word
    else onCommit?.(word)
  })
  child.send(order)
  return { process: child, ended: once(child, 'exit').then(() => end) }
}

/** The same, for a job that must go to its end. */
export async function runEngine(order: EngineOrder): Promise<EngineEnd> {
  return finished(await startEngine(order).ended)
}

/** @throws {Error} where the engine did not come to its end, or left a file out. */
export function finished(end: EngineEnd | undefined): EngineEnd {
  if (end === undefined) throw new Error('The engine ended before its job did')
  if (!end.result.balanced || end.result.books.quarantined > 0) {
    throw new Error(`The job did not deliver everything: ${JSON.stringify(end.result.books)}`)
  }
  return end
}
