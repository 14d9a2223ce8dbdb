import { MARK } from '../protocol.ts'

/* Web Locks: in browsers wherever memory can be shared. */
interface Locks {
  /** Calls `whenHeld` as soon as nobody else holds the lock, and holds it until what it returned has settled. */
  request(name: string, whenHeld: () => unknown): Promise<unknown>
}

interface LockGlobals {
  readonly navigator?: { readonly locks?: Locks }
  readonly crypto?: { randomUUID?(): string }
}

/**
 * Takes a lock that this thread holds for as long as it lives, and tells its name; or null where there are no locks.
 *
 * A browser's `terminate()` returns at once, and says nowhere when the worker is gone: until then, some two seconds in
 * Chromium, a busy one runs on, and takes tasks out of memory that nobody would look at again. Its locks the browser
 * gives free when it is gone, however it ended: by `terminate()` or by itself.
 */
export function holdLifeLock(tell: (lock: string | null) => void): void {
  const { navigator, crypto } = lockGlobals()
  const id = crypto?.randomUUID?.()
  if (navigator?.locks === undefined || id === undefined) {
    tell(null)
    return
  }
  const lock = `${MARK}/${id}`
  const forEver = new Promise(() => {})
  const held = navigator.locks.request(lock, () => {
    tell(lock)
    return forEver
  })
  // Refused, as in a document of no origin.
  held.catch(() => tell(null))
}

/** Settles when the thread that holds the lock is gone. */
export async function lifeLockFree(lock: string): Promise<void> {
  await lockGlobals().navigator?.locks?.request(lock, () => undefined)
}

function lockGlobals(): LockGlobals {
  const globals: object = globalThis
  return globals as LockGlobals
}
