/**
 * What a process that measures is started with: a young generation that holds the garbage of a whole pass, so that
 * the heap only grows while bytes are counted, and collections on demand.
 */
export const MEMORY_FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'] as const

/** Collects all garbage, so that what the heap holds is what is in use. Compiled code may go too: not for timing. */
export function collectAll(): void {
  exposedGc()({ type: 'major', execution: 'sync' })
  // One that was under way keeps what was allocated meanwhile, garbage too.
  exposedGc()({ type: 'major', execution: 'sync' })
}

/**
 * Collects the young generation, so that nobody pays for the garbage of another. Keeps hidden classes, and with them
 * compiled code.
 */
export function collectYoung(): void {
  exposedGc()({ type: 'minor', execution: 'sync' })
  // The first one leaves array buffers to a thread in the background; the second waits for it.
  exposedGc()({ type: 'minor', execution: 'sync' })
}

function exposedGc() {
  if (globalThis.gc === undefined) throw new Error('Start this through run.ts: it passes --expose-gc')
  return globalThis.gc
}

/** Bytes on the heap and in array buffers. */
export function usedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
