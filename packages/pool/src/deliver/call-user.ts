/**
 * Calls what a user gave, whose faults are its own: what it throws is an uncaught error, and nothing of ours is left
 * undone for it.
 */
export function callUser(call: () => void): void {
  try {
    call()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
