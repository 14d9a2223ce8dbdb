import { type Clock, systemClock } from '@millrace/kernel/clock'
import { isTerminal, viewOf } from '../terminal.ts'
import { createTerminalScreen, type Screen } from './screen.ts'

/** What takes less needs no words. */
const SHOWN_AFTER_MS = 500

/** Shows on the terminal what a command is at, once that takes longer than half a second, until it is disposed of. Shows nothing where there is no terminal. */
export function waitLine(words: string): Disposable {
  const { stderr } = process
  if (!isTerminal(stderr)) return { [Symbol.dispose]: () => {} }
  return waitLineOn(createTerminalScreen(stderr), viewOf(stderr).style.dim(words), systemClock)
}

/** The same on any screen. */
export function waitLineOn(screen: Screen, words: string, clock: Clock): Disposable {
  const timer = clock.after(SHOWN_AFTER_MS, () => screen.draw([words]))
  return {
    [Symbol.dispose]() {
      timer.cancel()
      screen.close()
    },
  }
}
