import type { Clock } from '@millrace/kernel/clock'
import type { Pulse, PulseEvent } from '@millrace/pulse'
import { every } from '../../every.ts'
import type { Screen } from '../../progress/screen.ts'
import type { Style } from '../../text/style.ts'
import { printable } from '../../text/width.ts'
import { CheckRate } from './check-rate.ts'
import { FewLines } from './few-lines.ts'
import { NewestIncidents } from './newest-incidents.ts'
import { incidentCount, type PulseFacts, pulseFrame, pulseLine } from './pulse-frame.ts'

/** What a view of a pulse stands on. */
export interface PulseViewPorts {
  readonly pulse: Pulse
  readonly screen: Screen
  readonly clock: Clock
  /** Of this process. */
  readonly rssMb: () => number
}

/** A running view. `stop` ends it and takes what is drawn away. */
export interface PulseView {
  stop(): void
}

const FRAME_MS = 250
const LINE_MS = 10_000
/** Lines of a frame that are no incidents, at most. */
const OTHER_LINES = 11
const MOST_INCIDENTS = 20

/** Draws the pulse four times a second, in the room that the terminal then has. */
export function livePulseView(
  ports: PulseViewPorts,
  view: { readonly style: Style; readonly width: () => number; readonly rows: () => number },
): PulseView {
  const { pulse, screen, clock } = ports
  const look = looker(ports)
  const incidents = new NewestIncidents(pulse)
  const unsubscribe = pulse.onChange((event) => incidents.hear(event))
  const draw = () => {
    const facts = look()
    const most = Math.min(MOST_INCIDENTS, Math.max(1, view.rows() - OTHER_LINES))
    const newest = incidents.newest(most, incidentCount(facts.metrics), clock.now())
    screen.draw(pulseFrame({ ...facts, incidents: newest }, { style: view.style, width: view.width() }))
  }
  draw()
  const timer = every(clock, FRAME_MS, draw)
  return {
    stop() {
      unsubscribe()
      timer.cancel()
      screen.close()
    },
  }
}

/** Prints a line every ten seconds, and one for each change of a monitor, as far as anybody can read them. */
export function plainPulseView(ports: PulseViewPorts): PulseView {
  const { pulse, screen, clock } = ports
  const look = looker(ports)
  const lines = new FewLines({ write: (line) => screen.note(line), clock, what: 'changes' })
  const unsubscribe = pulse.onChange((event) => lines.write(() => changeLine(event)))
  const timer = every(clock, LINE_MS, () => screen.note(pulseLine(look())))
  return {
    stop() {
      unsubscribe()
      timer.cancel()
      lines[Symbol.dispose]()
    },
  }
}

/** `api is down, was up: connection refused` */
function changeLine({ monitor, from, to, reason }: PulseEvent): string {
  return `${printable(monitor)} is ${to}, was ${from}${reason === '' ? '' : `: ${printable(reason)}`}`
}

function looker({ pulse, clock, rssMb }: PulseViewPorts): () => PulseFacts {
  const rate = new CheckRate()
  rate.sample(pulse.metrics.checks.started, clock.now())
  return () => {
    const { metrics, health } = pulse
    const checksPerSecond = rate.sample(metrics.checks.started, clock.now())
    return { metrics, health, checksPerSecond, incidents: [], rssMb: rssMb(), now: clock.wallNow() }
  }
}
