import type { Signal } from './signal.ts'

/** Tells the listeners. What they throw is theirs: an uncaught error, for which nothing of ours is left undone. */
export function tell<T>(signal: Signal<T>, event: T): void {
  try {
    signal.emit(event)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
