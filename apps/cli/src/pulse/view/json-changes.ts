import type { Pulse, PulseEvent } from '@millrace/pulse'
import type { PulseView } from './pulse-view.ts'

/** Of a reader that does not keep up: what waits for it, in bytes. Beyond, changes are left out and counted. */
const MOST_WAITING = 16_777_216

/** Where lines go, and how much of what was written before has not been taken. */
export interface LineStream {
  write(text: string): unknown
  readonly writableLength: number
}

/** A line for each change of a monitor: `{"event":"change","monitor":…}`. Where its reader is too slow, `{"event":"changes-lost","count":…}` tells what is missing. */
export function jsonPulseView(pulse: Pick<Pulse, 'onChange'>, stream: LineStream): PulseView {
  let lost = 0
  const tellLost = () => {
    if (lost > 0) stream.write(`${JSON.stringify({ event: 'changes-lost', count: lost })}\n`)
    lost = 0
  }
  const unsubscribe = pulse.onChange((event) => {
    if (stream.writableLength > MOST_WAITING) {
      lost++
      return
    }
    tellLost()
    stream.write(`${JSON.stringify(changeOf(event))}\n`)
  })
  return {
    stop() {
      unsubscribe()
      tellLost()
    },
  }
}

function changeOf({ monitor, from, to, code, reason, at }: PulseEvent): object {
  return { event: 'change', monitor, from, to, code: code ?? null, reason, at }
}
