import { stat } from 'node:fs/promises'
import type { Clock, Timer } from '@millrace/kernel/clock'

export interface WatchFileOptions {
  readonly path: string
  readonly clock: Pick<Clock, 'after'>
  /** Its contents may be others now, and nobody has written for a moment. */
  readonly onChange: () => void
}

/** Between two looks; a change that lasts from one to the next is told. */
const LOOK_MS = 250

/**
 * Watches a file by looking at it: editors put another in its place, tools turn links, and disks of other machines tell nothing. A file that is gone
 * has not changed until there is one again.
 */
export async function watchFile({ path, clock, onChange }: WatchFileOptions): Promise<Disposable> {
  let known = await stampOf(path)
  let seen = known
  let isOver = false
  let timer: Timer = clock.after(LOOK_MS, look)
  async function look() {
    const stamp = await stampOf(path)
    if (isOver) return
    const isSettled = stamp === seen
    seen = stamp
    timer = clock.after(LOOK_MS, look)
    if (!isSettled || stamp === known || stamp === undefined) return
    known = stamp
    onChange()
  }
  return {
    [Symbol.dispose]() {
      isOver = true
      timer.cancel()
    },
  }
}

async function stampOf(path: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`
  } catch {
    return undefined
  }
}
