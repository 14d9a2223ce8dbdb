import { hostGlobals } from '../host-globals.ts'

/** Asks for turns of the event loop, between which timers, input and messages have theirs. */
export interface EventTurns {
  /** Has the callback called in a later turn, once a call. */
  next(): void
  /** No more turns; the one that was asked for is not given, and nothing keeps a process alive. */
  close(): void
}

/** Calls `onTurn` in each turn that is asked for, without the wait of a timer. */
export function eventTurns(onTurn: () => void): EventTurns {
  const { setImmediate, clearImmediate, MessageChannel } = hostGlobals()
  // Where there are both: Node takes some thousand messages in one turn, those posted meanwhile included.
  if (setImmediate !== undefined && clearImmediate !== undefined) {
    let immediate: unknown
    return {
      next: () => {
        immediate = setImmediate(onTurn)
      },
      close: () => clearImmediate(immediate),
    }
  }
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = onTurn
  return {
    next: () => port2.postMessage(undefined),
    close: () => {
      port1.onmessage = null
      port1.close()
    },
  }
}
