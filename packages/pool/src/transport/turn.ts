import { hostGlobals } from '../host-globals.ts'

/**
 * Settles in a later turn of the event loop: timers, input and other conversations have had theirs.
 *
 * Not by `setTimeout`, which waits a millisecond and more.
 */
export function nextTurn(): Promise<void> {
  const { setImmediate, MessageChannel } = hostGlobals()
  return new Promise((resolve) => {
    if (setImmediate !== undefined) {
      setImmediate(resolve)
      return
    }
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
