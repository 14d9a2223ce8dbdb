import { Ring } from '@millrace/kernel/queue/ring'
import type { StoredAlert } from '../store/pulse-store.ts'

/** So many alerts of a monitor wait for a place. */
export const MOST_WAITING = 100

/** The alerts of one monitor that go to one place. */
export interface Line {
  readonly monitor: string
  /** In the order in which they came. */
  readonly waiting: StoredAlert[]
  underWay: StoredAlert | undefined
  /** The first one failed, and its time has not come again. */
  isAsleep: boolean
  /** It stands among those whose turn comes. */
  isReady: boolean
}

/**
 * What waits for one place, and is under way to it: decides what is next, and does nothing.
 *
 * Of a monitor one alert is under way at a time, in the order in which they came: one that failed stays before those behind it, until it is over. The newest
 * alert of a key takes the place of one that waits, at the end; never of one under way. Lines take turns. Each call is O(alerts of a monitor), of which there are
 * few: beyond {@link MOST_WAITING}, incidents are left out as a whole of which that place has not heard yet. An empty line is forgotten.
 */
export class DeliveryLane {
  readonly #maxUnderWay: number
  readonly #lines = new Map<string, Line>()
  readonly #ready = new Ring<Line>()
  #underWay = 0
  #waiting = 0

  constructor(maxUnderWay: number) {
    this.#maxUnderWay = maxUnderWay
  }

  get underWay(): number {
    return this.#underWay
  }

  get waiting(): number {
    return this.#waiting
  }

  /** Whether nothing waits, sleeps or is under way. */
  get isEmpty(): boolean {
    return this.#lines.size === 0
  }

  /** Whether `take` could give something if there were room. */
  get hasReady(): boolean {
    return this.#ready.size > 0
  }

  /** Takes an alert in; one that it has already changes nothing. Gives those that are left out, as there are too many. */
  add(alert: StoredAlert): readonly StoredAlert[] {
    const line = this.#lineOf(alert.monitor)
    if (line.underWay !== undefined && isSame(line.underWay, alert)) return []
    const { waiting } = line
    const index = waiting.findIndex((other) => isOfKey(other, alert))
    if (index !== -1) {
      if (isSame(waiting[index]!, alert)) return []
      waiting.splice(index, 1)
      this.#waiting--
    }
    waiting.push(alert)
    this.#waiting++
    const leftOut = waiting.length > MOST_WAITING ? this.#leaveOut(line) : []
    this.#makeReady(line)
    return leftOut
  }

  /** The line whose first alert is to be delivered now: it is under way from here on. Undefined when nothing is, or there is no room. */
  take(): Line | undefined {
    if (this.#underWay >= this.#maxUnderWay) return undefined
    const line = this.#ready.shift()
    if (line === undefined) return undefined
    line.isReady = false
    line.underWay = line.waiting.shift()!
    this.#waiting--
    this.#underWay++
    return line
  }

  /** What was under way is over: delivered, or given up. */
  settle(line: Line): void {
    line.underWay = undefined
    this.#underWay--
    if (line.waiting.length === 0) this.#lines.delete(line.monitor)
    else this.#makeReady(line)
  }

  /** What was under way waits again, as `alert`, before the others, until its line is woken; unless a newer one of its key came meanwhile: then for that. */
  putBack(line: Line, alert: StoredAlert): void {
    line.underWay = undefined
    this.#underWay--
    line.isAsleep = true
    if (line.waiting.some((other) => isOfKey(other, alert))) return
    line.waiting.unshift(alert)
    this.#waiting++
  }

  /** The time of its first alert has come. */
  wake(line: Line): void {
    line.isAsleep = false
    this.#makeReady(line)
  }

  /** Takes out all that waits, in the order of each monitor. What is under way, and the sleep of lines, stay. */
  takeOut(): StoredAlert[] {
    const alerts: StoredAlert[] = []
    while (this.#ready.size > 0) this.#ready.shift()!.isReady = false
    for (const line of this.#lines.values()) {
      alerts.push(...line.waiting.splice(0))
      if (line.underWay === undefined && !line.isAsleep) this.#lines.delete(line.monitor)
    }
    this.#waiting = 0
    return alerts
  }

  /** Leaves out the oldest incident but the first, which its place may know of, and the last, which may go on. If there are but these, there are few alerts. */
  #leaveOut(line: Line): readonly StoredAlert[] {
    const { waiting, underWay } = line
    const first = (underWay ?? waiting[0]!).incident
    const last = waiting.at(-1)!.incident
    const incident = waiting.find((alert) => alert.incident !== first && alert.incident !== last)?.incident
    const leftOut = waiting.filter((alert) => alert.incident === incident)
    line.waiting.splice(0, waiting.length, ...waiting.filter((alert) => alert.incident !== incident))
    this.#waiting -= leftOut.length
    return leftOut
  }

  #lineOf(monitor: string): Line {
    let line = this.#lines.get(monitor)
    if (line === undefined) {
      line = { monitor, waiting: [], underWay: undefined, isAsleep: false, isReady: false }
      this.#lines.set(monitor, line)
    }
    return line
  }

  #makeReady(line: Line): void {
    if (line.isReady || line.isAsleep || line.underWay !== undefined) return
    if (line.waiting.length === 0) {
      this.#lines.delete(line.monitor)
      return
    }
    line.isReady = true
    this.#ready.push(line)
  }
}

/** Whether they are of one monitor, which a line knows, and of the same incident, colour and route. */
function isOfKey(a: StoredAlert, b: StoredAlert): boolean {
  return a.code === b.code && a.route === b.route && a.incident === b.incident
}

function isSame(a: StoredAlert, b: StoredAlert): boolean {
  return isOfKey(a, b) && a.number === b.number
}
