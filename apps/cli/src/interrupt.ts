import type { Clock } from '@millrace/kernel/clock'
import { ExitCode } from './exit-code.ts'

/** A way to stop early: the first request drains, the second ends the process. */
export interface Interrupt extends Disposable {
  /** Aborted by the first request. */
  readonly signal: AbortSignal
  /** Asks for a stop, as a first Ctrl-C does. */
  request(): void
}

/** The part of `process` that this needs. */
export interface SignalSource {
  on(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  off(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  exit(code: number): void
}

/** One Ctrl-C may arrive twice: from the terminal, and passed on by `npm start`. Nobody presses it again this fast. */
const SAME_REQUEST_MS = 300

export interface InterruptPorts {
  readonly source: SignalSource
  readonly clock: Pick<Clock, 'now'>
  /** Tells the user what happens now. */
  readonly onFirst: () => void
  /** Tells the user what to do next, before the process ends. */
  readonly onSecond: () => void
}

/** Listens for SIGINT and SIGTERM until disposed of. */
export function listenForInterrupt({ source, clock, onFirst, onSecond }: InterruptPorts): Interrupt {
  const controller = new AbortController()
  let firstMs: number | undefined
  const listener = () => {
    if (firstMs === undefined) {
      firstMs = clock.now()
      controller.abort()
      onFirst()
    } else if (clock.now() - firstMs >= SAME_REQUEST_MS) {
      onSecond()
      source.exit(ExitCode.INTERRUPTED)
    }
  }
  source.on('SIGINT', listener)
  source.on('SIGTERM', listener)
  return {
    signal: controller.signal,
    request: () => controller.abort(),
    [Symbol.dispose]() {
      source.off('SIGINT', listener)
      source.off('SIGTERM', listener)
    },
  }
}
