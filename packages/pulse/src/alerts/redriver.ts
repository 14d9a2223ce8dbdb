import type { Clock } from '@millrace/kernel/clock'
import { State } from '../lifecycle/states.ts'
import type { Route } from '../monitors/monitor.ts'
import { Flag, type MonitorTable } from '../monitors/monitor-table.ts'
import type { DeadLetter, PulseStore, StoredAlert } from '../store/pulse-store.ts'
import type { AlertDesk } from './alert-desk.ts'

/** Which dead letters are to be delivered after all. */
export interface RedriveQuery {
  /** That one. */
  readonly id?: number
  /** Those of that monitor. @default of all */
  readonly monitor?: string
}

/** What became of dead letters that were to be delivered after all. */
export interface RedriveReport {
  /** Alerts again, each tried as one that has just happened. */
  readonly redriven: number
  /** Dead letters still, and why. */
  readonly left: readonly { readonly id: number; readonly why: string }[]
}

export interface RedriverOptions {
  readonly table: MonitorTable
  readonly store: PulseStore
  readonly clock: Clock
  readonly desk: AlertDesk
  readonly routeOf: (alert: StoredAlert) => Route | undefined
  /** The letter is to be no more, and the alert to be delivered: both are kept at once. */
  readonly redrive: (id: number, alert: StoredAlert) => void
  /** Resolves once what is asked for is kept, or cannot be. */
  readonly durable: () => Promise<boolean>
}

/** As many as a store keeps. */
const ALL = 10_000

/**
 * Makes alerts of dead letters: in the order in which they died, with the names and times they had, so that who gets one twice can tell. What would not be so is left:
 * that something is ill whose end is told, or was.
 */
export class Redriver {
  readonly #options: RedriverOptions
  /** One after the other: none is redriven twice. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: RedriverOptions) {
    this.#options = options
  }

  /** O(dead letters). @throws {MillraceError} as the store does. */
  redrive(query: RedriveQuery): Promise<RedriveReport> {
    const done = this.#last.then(() => this.#redrive(query))
    this.#last = done.catch(() => {})
    return done
  }

  async #redrive({ id, monitor }: RedriveQuery): Promise<RedriveReport> {
    const { store, clock, desk, redrive, durable } = this.#options
    const letters = (await store.deadLetters(ALL))
      .filter((letter) => (id ?? letter.id) === letter.id && (monitor ?? letter.alert.monitor) === letter.alert.monitor)
      .reverse()
    const ends = new Set(letters.filter(({ alert }) => isEnd(alert)).map(({ alert }) => placeOf(alert)))
    const left: { id: number; why: string }[] = []
    for (const letter of letters) {
      const why = this.#whyNot(letter, ends)
      if (why !== undefined) {
        left.push({ id: letter.id, why })
        continue
      }
      const alert = { ...letter.alert, attempts: 0, askedAt: clock.wallNow() }
      desk.restore(alert)
      redrive(letter.id, alert)
    }
    if (letters.length > left.length) await durable()
    return { redriven: letters.length - left.length, left }
  }

  #whyNot({ alert }: DeadLetter, ends: ReadonlySet<string>): string | undefined {
    const { desk, routeOf } = this.#options
    const { monitor, route, incident } = alert
    if (routeOf(alert) === undefined) return 'its route is not in the manifest any more'
    if (desk.waits(alert)) return 'a newer one waits in its place'
    if (isEnd(alert)) return undefined
    const isEnding = desk.waits({ monitor, code: 'green', route, incident })
    const isOver = isEnding || (!this.#isOpen(alert) && !ends.has(placeOf(alert)))
    return isOver ? 'its incident is over, and its end is not among these' : undefined
  }

  #isOpen({ monitor, incident }: StoredAlert): boolean {
    const { table } = this.#options
    const number = table.find(monitor)
    if (number < 0) return false
    const isIll = (table.flags[number]! & Flag.INCIDENT) !== 0 || table.told[number] !== 0
    return isIll && table.remembered.get(number)?.incident === incident
  }
}

/** Whether nothing comes after it in its incident. */
function isEnd({ code, state }: StoredAlert): boolean {
  return code === 'green' || (code === 'gray' && state === State.DISABLED)
}

function placeOf({ monitor, route, incident }: StoredAlert): string {
  return `${route} ${incident} ${monitor}`
}
