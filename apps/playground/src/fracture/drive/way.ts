import type { Settings } from '../settings.ts'

/** What the browser grants this page. */
export interface Granted {
  readonly isIsolated: boolean
  /** Whether its main thread can wait on shared memory without standing still. */
  readonly canWait: boolean
  readonly threads: number
}

/** In a sentence, where polygons are cut and how they get there, and why not otherwise. */
export function wayOf({ cut, memory }: Settings, { isIsolated, canWait, threads }: Granted): string {
  if (cut === 'main') return 'Cut on the main thread, as you chose: within what each frame has left.'
  const workers = threads === 1 ? 'Cut by a worker,' : `Cut by ${threads} workers,`
  if (memory === 'messages') return `${workers} with polygons and pieces in messages, as you chose.`
  if (isIsolated && !canWait)
    return `${workers} in messages: this browser has no Atomics.waitAsync, which sharing memory needs.`
  if (isIsolated) return `${workers} over shared memory: this page is served with isolation headers.`
  return `${workers} in messages: this page is served without isolation headers, so no memory can be shared.`
}
