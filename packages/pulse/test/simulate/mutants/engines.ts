import type { Clock } from '@millrace/kernel/clock'
import type * as wheelModule from '@millrace/kernel/queue/timing-wheel'
import { withPart } from '@millrace/kernel/test/with-part'
import type * as deskModule from '../../../src/alerts/alert-desk.ts'
import type * as deliveryLaneModule from '../../../src/alerts/delivery-lane.ts'
import { Verdict } from '../../../src/checks/check.ts'
import type * as pulseModule from '../../../src/create-pulse.ts'
import type * as laneModule from '../../../src/dispatch/lane.ts'
import type * as resultLineModule from '../../../src/dispatch/result-line.ts'
import type * as overdueModule from '../../../src/interventions/overdue-watch.ts'
import type * as breakerModule from '../../../src/interventions/storm-breaker.ts'
import type * as flappingModule from '../../../src/lifecycle/flapping.ts'
import type * as lifecycleModule from '../../../src/lifecycle/lifecycle.ts'
import { Effect, Event, State } from '../../../src/lifecycle/states.ts'
import type * as tableModule from '../../../src/monitors/monitor-table.ts'
import type * as numberingModule from '../../../src/monitors/numbering.ts'
import type * as dueTimesModule from '../../../src/schedule/due-times.ts'
import type * as commitLineModule from '../../../src/store/commit-line.ts'
import type * as pendingChangesModule from '../../../src/store/pending-changes.ts'
import type { StoreChanges, StoredAlert } from '../../../src/store/pulse-store.ts'

const sources = new URL('../../../src/', import.meta.url)

async function engineWith<Part>(part: string, change: (original: Part) => Partial<Part>) {
  const rebuilt = await withPart<typeof pulseModule, Part>(sources, 'create-pulse.ts', part, change)
  return rebuilt.createPulse
}

/** What does not fit into the lane is lost, and its monitor waits for ever. */
export const losesWhatDoesNotFit = () =>
  engineWith<typeof laneModule>('dispatch/lane.ts', ({ Lane }) => ({
    Lane: class extends Lane {
      override get free(): number {
        return 1e6
      }

      override tryPushAll(batch: Int32Array, count: number): boolean {
        for (let index = 0; index < count; index++) this.tryPush(batch[index]!)
        return true
      }
    },
  }))

/** A check that never ends is under way for ever. */
export const neverRecovers = () =>
  engineWith<typeof wheelModule>('@millrace/kernel/queue/timing-wheel', ({ TimingWheel }) => ({
    TimingWheel: class extends TimingWheel {
      override advance(tick: number, out: Int32Array, most?: number): number {
        const count = super.advance(tick, out, most)
        // The wheel of deadlines is asked for all there are.
        return most === undefined ? 0 : count
      }
    },
  }))

/** A check that does not end is given up in the end, when its prober has surely said so itself. */
export const recoversLate = () =>
  engineWith<typeof wheelModule>('@millrace/kernel/queue/timing-wheel', ({ TimingWheel }) => ({
    TimingWheel: class extends TimingWheel {
      override advance(tick: number, out: Int32Array, most?: number): number {
        // The wheel of deadlines is asked for all there are.
        return most === undefined ? super.advance(tick - 2, out) : super.advance(tick, out, most)
      }
    },
  }))

/** A check that could not be made takes those behind it along. */
export const spoilsTheBatch = () =>
  engineWith<typeof resultLineModule>('dispatch/result-line.ts', ({ ResultLine }) => ({
    ResultLine: class extends ResultLine {
      #spoilt = 0

      override push(...result: Parameters<resultLineModule.ResultLine['push']>): void {
        if (result[2] === Verdict.FAULT) this.#spoilt = 3
        else if (this.#spoilt > 0) {
          this.#spoilt--
          return
        }
        super.push(...result)
      }
    },
  }))

/** Of a monitor one alert waits: the next colour takes its place. */
export const overwritesColours = () =>
  engineWith<typeof deliveryLaneModule>('alerts/delivery-lane.ts', ({ DeliveryLane }) => ({
    DeliveryLane: class extends DeliveryLane {
      override add(alert: StoredAlert): readonly StoredAlert[] {
        for (const other of this.takeOut()) if (other.monitor !== alert.monitor) super.add(other)
        return super.add(alert)
      }
    },
  }))

/** The next check is due an interval after this one. */
export const countsFromTheCheck = () =>
  engineWith<typeof dueTimesModule>('schedule/due-times.ts', () => ({
    nextDue: (time: number, intervalMs: number) => time + intervalMs,
  }))

/** Nothing is of the past. */
export const hearsThePast = () =>
  engineWith<typeof lifecycleModule>('lifecycle/lifecycle.ts', ({ effectsOf }) => ({
    effectsOf: (stepped: number) => effectsOf(stepped) & ~Effect.FENCE,
  }))

/** An intervention that said nothing is made again. */
export const repeatsWhatIsUnknown = () =>
  engineWith<typeof lifecycleModule>('lifecycle/lifecycle.ts', ({ step }) => ({
    step: (state: State, event: Event) =>
      state === State.PENDING && event === Event.TIMED_OUT
        ? ((Effect.INTERVENE | Effect.RESET) << 8) | State.NEEDED
        : step(state, event),
  }))

/** An intervention is made before it is kept that it is. */
export const repairsBeforeItIsKept = () =>
  engineWith<typeof commitLineModule>('store/commit-line.ts', ({ CommitLine }) => ({
    CommitLine: class extends CommitLine {
      override durable(): Promise<boolean> {
        return Promise.resolve(true)
      }
    },
  }))

/** People are told before it is kept. */
export const tellsBeforeItIsKept = () =>
  engineWith<typeof commitLineModule>('store/commit-line.ts', ({ CommitLine }) => ({
    CommitLine: class extends CommitLine {
      readonly #tell: commitLineModule.CommitLineOptions['onAlerts']

      constructor(options: commitLineModule.CommitLineOptions) {
        super(options)
        this.#tell = options.onAlerts
      }

      override alert(alert: Parameters<commitLineModule.CommitLine['alert']>[0]): void {
        super.alert(alert)
        this.#tell([alert])
      }
    },
  }))

/** What is told is kept, and not of what state. */
export const keepsNoStates = () =>
  engineWith<typeof pendingChangesModule>('store/pending-changes.ts', ({ PendingChanges }) => ({
    PendingChanges: class extends PendingChanges {
      override take(first: Iterable<number>, most: number): StoreChanges {
        return { ...super.take(first, most), monitors: [] }
      }
    },
  }))

/** Nothing stops a storm. */
export const storms = () =>
  engineWith<typeof breakerModule>('interventions/storm-breaker.ts', ({ StormBreaker }) => ({
    StormBreaker: class extends StormBreaker {
      override nextAt(now: number): number {
        return now
      }
    },
  }))

/** Nobody hears of those that wait. */
export const forgetsWhoWaits = () =>
  engineWith<typeof overdueModule>('interventions/overdue-watch.ts', ({ OverdueWatch }) => ({
    OverdueWatch: class extends OverdueWatch {
      override needed(): void {}
    },
  }))

/** People are told what they were told last. */
export const tellsWhatPeopleKnow = () =>
  engineWith<typeof deskModule>('alerts/alert-desk.ts', ({ AlertDesk }) => ({
    AlertDesk: class extends AlertDesk {
      override tell(...told: Parameters<deskModule.AlertDesk['tell']>): void {
        this.announce(...told)
      }
    },
  }))

/** Incidents and alerts are named by the time of the wall clock. */
export const namesByTime = () =>
  engineWith<typeof numberingModule>('monitors/numbering.ts', ({ Numbering }) => ({
    Numbering: class extends Numbering {
      readonly #wall: Clock

      constructor(clock: Clock) {
        super(clock)
        this.#wall = clock
      }

      override next(): number {
        return this.#wall.wallNow()
      }
    },
  }))

/** Who flaps is repaired and told of as everybody else. */
export const doesNotDamp = () =>
  engineWith<typeof flappingModule>('lifecycle/flapping.ts', () => ({ isFlapping: () => false }))

/** Nobody knows that a check is under way. */
export const forgetsWhatIsUnderWay = () =>
  engineWith<typeof tableModule>('monitors/monitor-table.ts', ({ Flag }) => ({
    Flag: { ...Flag, UNDER_WAY: 0 } as unknown as typeof Flag,
  }))

/** Nobody knows that an intervention was made. */
export const forgetsRepairs = () =>
  engineWith<typeof tableModule>('monitors/monitor-table.ts', ({ Flag }) => ({
    Flag: { ...Flag, INTERVENED: 0 } as unknown as typeof Flag,
  }))
