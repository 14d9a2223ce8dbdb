import type { Clock, Timer } from '@millrace/kernel/clock'
import { Ewma } from '@millrace/kernel/learn/ewma'
import { Ring } from '@millrace/kernel/queue/ring'
import { TimingWheel } from '@millrace/kernel/queue/timing-wheel'
import { type CheckKind, type Prober, Verdict } from '../checks/check.ts'
import { isChecked } from '../lifecycle/lifecycle.ts'
import type { State } from '../lifecycle/states.ts'
import { Flag, type MonitorTable } from '../monitors/monitor-table.ts'
import type { ProfileTable } from '../monitors/profile-table.ts'
import type { CheckMeter } from '../observe/check-meter.ts'
import { nextDue, phaseOf, slotsBetween } from '../schedule/due-times.ts'
import { batchSize, MAX_BATCH, MIN_BATCH } from './batch-size.ts'
import { InFlight } from './in-flight.ts'
import { KeyedSlots } from './keyed-slots.ts'
import { Lane, NONE } from './lane.ts'

/** Of the wheels, in ms: also how exactly a check begins. */
export const TICK_MS = 2
/**
 * Checks are begun for so long in a tick, in ms, and between two ticks at most so many, as others end. What is begun in one turn of the loop is answered in
 * one: where there is more to check than can be, results, commits and repairs wait for as long as that takes. PERF: bench/pulse/overload.bench.ts.
 */
const SLICE_MS = 1
const MAX_BETWEEN_TICKS = MIN_BATCH
/** Most checks that fail may be under way, as a share of all: those of the healthy always have room. */
const FAILING_SHARE = 3 / 4
/** A key that no host has, as those of kinds. */
const FAILING = '!failing'
/** The wall clock jumped, if it moved so many ms against the one for durations. */
const JUMP_MS = 500
/** A tick that comes so much too late is one of a thread that stood still. */
const STALL_MS = 20
/** A deadline that is heard of so much too late says nothing of the target, whose answer may wait unread. */
const STOOD_STILL_MS = 100

export interface CheckLineOptions {
  readonly table: MonitorTable
  readonly profiles: ProfileTable
  readonly kinds: ReadonlyMap<string, CheckKind>
  readonly probers: ReadonlyMap<string, Prober>
  readonly clock: Clock
  readonly meter: CheckMeter
  readonly maxChecks: number
  readonly maxChecksPerHost: number
  readonly laneSize: number
  /** Results that wait to be applied: they weigh on the size of batches. */
  readonly waitingResults: () => number
  /** A check ended, and its monitor is as it was when it began. */
  readonly onResult: (
    monitor: number,
    generation: number,
    verdict: Verdict,
    latencyMs: number,
    reason: string | undefined,
  ) => void
  /** A check did not end, and was given up. */
  readonly onRecovered: (monitor: number) => void
  /** Nothing is under way any more for a monitor that was removed. */
  readonly onLeft: (monitor: number) => void
  /** The wall clock jumped. */
  readonly onWallJump: () => void
}

/** A kind, and the room it has. */
interface KindAtWork {
  readonly kind: CheckKind
  readonly prober: Prober
  readonly key: string
  readonly max: number
}

/**
 * Checks, from the time they are due to their end: wheel, lane, slots, prober.
 *
 * - At most one check of a monitor is under way. One whose time comes meanwhile skips that slot.
 * - A monitor stays in the wheel, due, until the lane has room for a batch with it: nothing of it changes before.
 * - Its next check is due at its next absolute slot after this one began, however long this one takes.
 * - Each check that began ends: its prober says so, or is asked to at the first tick after its timeout. A prober that cannot be asked has had no answer; one
 *   that is asked and does not say has lost it, and the check is given up. Who ends one again is not heard.
 * - However many checks hang, a quarter of the room is for monitors that do not fail; and of one host, and of one kind, no more than their share.
 */
export class CheckLine {
  readonly #options: CheckLineOptions
  readonly #wheel = new TimingWheel()
  readonly #deadlines = new TimingWheel()
  readonly #lane: Lane
  readonly #inFlight: InFlight
  readonly #slots = new KeyedSlots()
  readonly #kinds: ReadonlyMap<string, KindAtWork>
  /** By the key of their kind. */
  readonly #probers: ReadonlyMap<string, Prober>
  /** Keys of which there is room that somebody waits for. */
  readonly #awaited = new Ring<string>()
  #batchSize = MIN_BATCH
  /** What handing over one check took lately. */
  readonly #checkMs = new Ewma({ alpha: 0.1 })
  readonly #due = new Int32Array(MAX_BATCH)
  readonly #overdue = new Int32Array(MAX_BATCH)
  readonly #maxFailing: number
  /** Begun, or tried to, since the last tick. */
  #begunBetween = 0
  #isRunning = false
  #timer: Timer | undefined
  #timerAt = Number.POSITIVE_INFINITY
  /** The last tick was late, and ended nothing. */
  #hasSpared = false
  /** From the clock for durations to the wall clock. */
  #wallOffset: number
  /** When a tick last looked, by the wall clock as it is followed. */
  #lastTime = 0
  /** When tick 0 is: by the wall clock, and of deadlines by the clock for durations. */
  #base: number
  readonly #deadlineBase: number

  constructor(options: CheckLineOptions) {
    this.#options = options
    this.#lane = new Lane(options.laneSize)
    this.#inFlight = new InFlight(options.maxChecks)
    this.#kinds = new Map(
      Array.from(options.kinds, ([type, kind]) => {
        const max = Math.min(options.maxChecks, kind.maxUnderWay ?? options.maxChecks)
        return [type, { kind, prober: options.probers.get(type)!, key: `!kind ${type}`, max }]
      }),
    )
    this.#probers = new Map(Array.from(this.#kinds.values(), ({ key, prober }) => [key, prober]))
    this.#maxFailing = Math.max(1, Math.floor(options.maxChecks * FAILING_SHARE))
    this.#deadlineBase = options.clock.now()
    this.#base = options.clock.wallNow()
    this.#wallOffset = this.#base - this.#deadlineBase
  }

  /** Checks under way, and those that wait for a slot. */
  get underWay(): number {
    return this.#inFlight.size
  }

  get waiting(): number {
    return this.#lane.size + this.#slots.parked
  }

  get batchSize(): number {
    return this.#batchSize
  }

  start(): void {
    this.#isRunning = true
    this.#followWall(this.#options.clock.now())
    this.#arm()
  }

  /** Begins no more checks. */
  stop(): void {
    this.#isRunning = false
    this.#timer?.cancel()
    this.#timerAt = Number.POSITIVE_INFINITY
  }

  /** A monitor is to be checked from its next slot on. */
  schedule(monitor: number): void {
    const { table, profiles } = this.#options
    const { intervalMs } = profiles.get(table.profile[monitor]!).check
    const dueAt = nextDue(this.#time(), intervalMs, phaseOf(table.hashOf(monitor), intervalMs))
    table.dueAt[monitor] = dueAt
    this.#wheel.schedule(monitor, this.#tickOf(dueAt))
    this.#armAt(dueAt - this.#wallOffset)
  }

  /** A monitor is not to be checked any more. What is under way ends. */
  unschedule(monitor: number): void {
    this.#wheel.cancel(monitor)
    this.#options.table.flags[monitor]! &= ~Flag.WAITING
  }

  /** A monitor is to be checked now; false if it is already, or waits for it, or is not checked at all, or the lane is full. */
  runNow(monitor: number): boolean {
    const { table } = this.#options
    if (!this.#isRunning || !isChecked(table.state[monitor] as State)) return false
    if ((table.flags[monitor]! & (Flag.UNDER_WAY | Flag.WAITING)) !== 0 || !this.#lane.tryPush(monitor)) return false
    this.#wheel.cancel(monitor)
    table.flags[monitor]! |= Flag.WAITING
    this.#beginBetween()
    return true
  }

  /** What a prober says of a check it began. */
  readonly ended = (ticket: number, verdict: Verdict, latencyMs: number, reason: string | undefined): void => {
    const { table, meter, onResult } = this.#options
    const row = this.#inFlight.end(ticket)
    // It ended before, or was recovered.
    if (row < 0) return
    this.#deadlines.cancel(row)
    const monitor = this.#inFlight.monitors[row]!
    const generation = this.#inFlight.generations[row]!
    this.#close(row)
    if (this.#isRunning && table.has(monitor) && generation === table.generation[monitor]) {
      onResult(monitor, generation, verdict, latencyMs, reason)
    } else meter.fenced++
    this.#beginBetween()
  }

  /** Gives back what a check that is over held. */
  #close(row: number): void {
    const { table, onLeft } = this.#options
    const { monitors, kinds, hosts, isFailing } = this.#inFlight
    const monitor = monitors[row]!
    const host = hosts[row]
    this.#release(kinds[row]!)
    if (host !== undefined) this.#release(host)
    if (isFailing[row] === 1) this.#release(FAILING)
    table.flags[monitor]! &= ~Flag.UNDER_WAY
    if (!table.has(monitor)) onLeft(monitor)
  }

  #release(key: string): void {
    if (this.#slots.release(key)) this.#awaited.push(key)
  }

  /** Who is to begin next: first those that wait for room of which there is some. */
  #next(): number {
    for (let key = this.#awaited.peek(); key !== undefined; key = this.#awaited.peek()) {
      const parked = this.#slots.unpark(key)
      if (parked !== undefined) return parked
      this.#awaited.shift()
    }
    return this.#lane.shift()
  }

  /** Begins at most so many checks, as long as there is something to check, and room; says how many it looked at. */
  #begin(most: number): number {
    let count = 0
    for (; count < most && this.#inFlight.free > 0; count++) {
      const monitor = this.#next()
      if (monitor === NONE) break
      this.#beginOne(monitor)
    }
    return count
  }

  /** Begins checks as there is room again, between two ticks; the next tick goes on. */
  #beginBetween(): void {
    if (!this.#isRunning) return
    const begun = this.#begin(MAX_BETWEEN_TICKS - this.#begunBetween)
    this.#begunBetween += begun
    // They have deadlines that nobody waits for yet, and who is left has no tick.
    if (begun > 0 || this.#isBehind) this.#arm()
  }

  /** Whether checks could begin that have not. */
  get #isBehind(): boolean {
    return this.#inFlight.free > 0 && (this.#lane.size > 0 || this.#awaited.size > 0)
  }

  #beginOne(monitor: number): void {
    const { table, profiles, maxChecksPerHost, clock, meter } = this.#options
    // It may have been paused, or be another by now.
    if ((table.flags[monitor]! & Flag.WAITING) === 0) return
    const { check } = profiles.get(table.profile[monitor]!)
    const { kind, prober, key, max } = this.#kinds.get(check.type)!
    const target = table.targetOf(monitor)
    const host = kind.hostOf(target, check.options)
    const isFailing = table.failures[monitor]! > 0
    const slots = this.#slots
    const full =
      isFailing && !slots.hasRoom(FAILING, this.#maxFailing)
        ? FAILING
        : !slots.hasRoom(key, max)
          ? key
          : host !== undefined && !slots.hasRoom(host, maxChecksPerHost)
            ? host
            : undefined
    if (full !== undefined) {
      slots.park(full, monitor)
      return
    }
    if (isFailing) slots.take(FAILING, this.#maxFailing)
    slots.take(key, max)
    if (host !== undefined) slots.take(host, maxChecksPerHost)

    const now = clock.now()
    const time = now + this.#wallOffset
    const ticket = this.#inFlight.begin(monitor, table.generation[monitor]!, now)
    const row = this.#inFlight.rowOf(ticket)
    this.#inFlight.kinds[row] = key
    this.#inFlight.hosts[row] = host
    this.#inFlight.isFailing[row] = isFailing ? 1 : 0
    this.#deadlines.schedule(row, this.#deadlineTick(now + check.timeoutMs))
    table.flags[monitor] = (table.flags[monitor]! & ~Flag.WAITING) | Flag.UNDER_WAY
    table.checkedAt[monitor] = time
    meter.begun(Math.max(0, time - table.dueAt[monitor]!))
    this.#scheduleNext(monitor, check.intervalMs, time)
    prober.probe(ticket, target, check.options, check.timeoutMs)
  }

  /** The slot after the one it was due at; those that have passed are skipped. */
  #scheduleNext(monitor: number, intervalMs: number, time: number): void {
    const { table, meter } = this.#options
    const last = table.dueAt[monitor]!
    // Its slots are where the last one was: its name need not be read again.
    const dueAt = nextDue(time, intervalMs, last % intervalMs)
    meter.skipped += slotsBetween(last, dueAt, intervalMs)
    table.dueAt[monitor] = dueAt
    this.#wheel.schedule(monitor, this.#tickOf(dueAt))
  }

  readonly #onTick = (): void => {
    const begun = this.#options.clock.now()
    const isLate = begun - this.#timerAt > STALL_MS
    this.#timerAt = Number.POSITIVE_INFINITY
    this.#followWall(begun)
    // If this thread stood still, probers have not had their turn either: they have it before the next tick, however late that is.
    this.#hasSpared = isLate && !this.#hasSpared
    if (!this.#hasSpared) this.#expire(begun)
    this.#begunBetween = 0
    this.#takeDue(begun + this.#wallOffset)
    this.#arm()
  }

  /** Begins what waits, and moves what is due into the lane, batch by batch, as long as that has room for one; what is left at the end of the slice, the next tick takes. */
  #takeDue(time: number): void {
    const { clock, maxChecks, waitingResults } = this.#options
    const lane = this.#lane
    const tick = Math.floor((time - this.#base) / TICK_MS)
    const end = clock.now() + SLICE_MS
    while (this.#isBehind && clock.now() < end) this.#begin(MAX_BATCH)
    for (;;) {
      const load = this.#inFlight.size / maxChecks
      const size = batchSize(load, this.waiting + waitingResults(), this.#checkMs.value || 0)
      this.#batchSize = size
      const begun = clock.now()
      if (lane.free < size || begun >= end) return
      const count = this.#wheel.advance(tick, this.#due, size)
      if (count === 0) return
      lane.tryPushAll(this.#due, this.#keepDue(count, time))
      this.#begin(MAX_BATCH)
      this.#checkMs.observe((clock.now() - begun) / count)
    }
  }

  /** Of those that are due, keeps those that can be checked, which then wait for it, and says how many. */
  #keepDue(count: number, time: number): number {
    const { table, profiles } = this.#options
    let kept = 0
    for (let at = 0; at < count; at++) {
      const monitor = this.#due[at]!
      if (!isChecked(table.state[monitor] as State)) continue
      if ((table.flags[monitor]! & (Flag.UNDER_WAY | Flag.WAITING)) !== 0) {
        this.#skip(monitor, profiles.get(table.profile[monitor]!).check.intervalMs, time)
        continue
      }
      table.flags[monitor]! |= Flag.WAITING
      this.#due[kept++] = monitor
    }
    return kept
  }

  /** This slot passes without a check. */
  #skip(monitor: number, intervalMs: number, time: number): void {
    this.#options.meter.skipped++
    this.#scheduleNext(monitor, intervalMs, Math.max(time, this.#options.table.dueAt[monitor]!))
  }

  /** The recovery: a check whose time is over ends, and its monitor is free for the next. */
  #expire(now: number): void {
    const overdue = this.#overdue
    const tick = Math.floor((now - this.#deadlineBase) / TICK_MS)
    for (;;) {
      const count = this.#deadlines.advance(tick, overdue)
      if (count === 0) return
      // One that ends makes room for another, which may have the row of any of them.
      for (let at = 0; at < count; at++) overdue[at] = this.#inFlight.ticketOf(overdue[at]!)
      for (let at = 0; at < count; at++) this.#expireOne(overdue[at]!, now)
    }
  }

  #expireOne(ticket: number, now: number): void {
    const inFlight = this.#inFlight
    if (!inFlight.has(ticket)) return
    const row = inFlight.rowOf(ticket)
    const prober = this.#probers.get(inFlight.kinds[row]!)!
    if (prober.expire !== undefined) {
      prober.expire(ticket)
      if (inFlight.has(ticket)) this.#giveUp(ticket)
      return
    }
    const tookMs = now - inFlight.begunAt[row]!
    const lateMs = now - this.#deadlineBase - this.#deadlines.dueOf(row) * TICK_MS
    if (lateMs > STOOD_STILL_MS) this.ended(ticket, Verdict.FAULT, tookMs, 'this process stood still')
    else this.ended(ticket, Verdict.FAIL, tookMs, 'no answer in time')
  }

  /** Its prober has lost it: it is ended for it. */
  #giveUp(ticket: number): void {
    const { table, meter, onRecovered } = this.#options
    const row = this.#inFlight.end(ticket)
    meter.recovered++
    const monitor = this.#inFlight.monitors[row]!
    const isSame = table.has(monitor) && this.#inFlight.generations[row] === table.generation[monitor]
    this.#close(row)
    if (isSame) onRecovered(monitor)
  }

  /** The wall clock is followed where it drifts; where it jumps, all that is due is found anew. */
  #followWall(now: number): void {
    const { clock, table, onWallJump } = this.#options
    const offset = clock.wallNow() - now
    const moved = offset - this.#wallOffset
    const isJump = Math.abs(moved) >= JUMP_MS
    // Set back a little, time stands still until the clock has caught up: no slot comes twice.
    this.#wallOffset = isJump ? offset : Math.max(offset, this.#lastTime - now)
    this.#lastTime = now + this.#wallOffset
    if (!isJump) return
    // The wheel goes on from where it is; its ticks are of another time.
    this.#base += moved
    onWallJump()
    for (let monitor = 0; monitor < table.end; monitor++) {
      if (this.#wheel.has(monitor)) this.schedule(monitor)
      else if ((table.flags[monitor]! & Flag.WAITING) !== 0) table.dueAt[monitor]! += moved
    }
  }

  #time(): number {
    return this.#options.clock.now() + this.#wallOffset
  }

  #tickOf(time: number): number {
    return Math.max(0, Math.ceil((time - this.#base) / TICK_MS))
  }

  #deadlineTick(now: number): number {
    return Math.ceil((now - this.#deadlineBase) / TICK_MS)
  }

  /** Sets the timer for what is to be done next: what is due waits for a tick after the last, deadlines are kept to the ms. */
  #arm(): void {
    const deadline = this.#deadlines.nextTick() * TICK_MS + this.#deadlineBase
    const due = this.#isBehind ? 0 : this.#wheel.nextTick() * TICK_MS + this.#base - this.#wallOffset
    this.#armAt(due, deadline)
  }

  #armAt(due: number, deadline = Number.POSITIVE_INFINITY): void {
    if (!this.#isRunning) return
    const { clock } = this.#options
    const now = clock.now()
    const next = Math.min(Math.max(due, now + TICK_MS), deadline > now ? deadline : now + TICK_MS)
    // Also where there is nothing to wait for.
    if (next >= this.#timerAt) return
    this.#timer?.cancel()
    this.#timerAt = next
    this.#timer = clock.after(next - now, this.#onTick)
  }
}
