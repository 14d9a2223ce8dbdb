import type { Clock, Timer } from '@millrace/kernel/clock'
import { Ewma } from '@millrace/kernel/learn/ewma'
import { type LimitBounds, type Limits, nextLimits, nextStrain, type Strain } from '../plan/headroom.ts'

/** What is measured about the machine and the job, each at the moment it is asked for. */
export interface HeadroomProbe {
  /** Resident memory of the engine and its workers, MB, and the processor time they have used, milliseconds. */
  ownUsage(): { readonly rssMb: number; readonly cpuMs: number }
  /** Memory the machine can still give, MB. */
  availableMb(): number
  /** Processor time all programs have used, milliseconds. */
  machineBusyMs(): number
  readonly cores: number
}

export interface HeadroomWatchOptions {
  readonly clock: Clock
  readonly probe: HeadroomProbe
  readonly memoryLimitMb: () => number
  readonly bounds: () => LimitBounds
  readonly initial: Limits
  readonly onChange: (limits: Limits, before: Limits, reason: string) => void
  /** Lower limits were not enough: nothing more is to be started until `onContinue`. */
  readonly onPause: (reason: string) => void
  readonly onContinue: () => void
}

/** Between two samples, milliseconds. */
const SAMPLE_EVERY_MS = 250
/** Samples of processor use before they count: a job's first second says little. */
const SAMPLES_BEFORE_VERDICT = 8

/**
 * Samples memory and processor use four times a second, moves the limits by {@link nextLimits}, and where that is not enough stops the
 * work by {@link nextStrain}. Also keeps the peak of the resident memory.
 */
export class HeadroomWatch {
  readonly #options: HeadroomWatchOptions
  /** Smoothed over about five seconds: a compiler's second is no reason to step back. */
  readonly #busyElsewhere = new Ewma({ alpha: 0.05 })
  #limits: Limits
  #strain: Strain = { paused: false, samples: 0 }
  #timer: Timer | undefined
  #last: { readonly at: number; readonly machineMs: number; readonly ownMs: number } | undefined
  #rssMb = 0
  #peakRssMb = 0

  constructor(options: HeadroomWatchOptions) {
    this.#options = options
    this.#limits = options.initial
  }

  get rssMb(): number {
    return this.#rssMb
  }

  get peakRssMb(): number {
    return this.#peakRssMb
  }

  get limits(): Limits {
    return this.#limits
  }

  /** Starts again from these limits: the user has named others. */
  restart(limits: Limits): void {
    this.#limits = limits
  }

  /** Takes the first sample now, and the others from then on. */
  start(): void {
    this.#sample()
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #sample(): void {
    const { clock, probe } = this.#options
    this.#timer = clock.after(SAMPLE_EVERY_MS, () => this.#sample())
    const own = probe.ownUsage()
    this.#rssMb = own.rssMb
    this.#peakRssMb = Math.max(this.#peakRssMb, own.rssMb)
    const now = { at: clock.now(), machineMs: probe.machineBusyMs(), ownMs: own.cpuMs }
    if (this.#last !== undefined && now.at > this.#last.at) {
      const elsewhereMs = now.machineMs - this.#last.machineMs - (now.ownMs - this.#last.ownMs)
      this.#busyElsewhere.observe(Math.min(probe.cores, Math.max(0, elsewhereMs / (now.at - this.#last.at))))
    }
    this.#last = now
    const sample = {
      rssMb: own.rssMb,
      memoryLimitMb: this.#options.memoryLimitMb(),
      availableMb: probe.availableMb(),
      coresBusyElsewhere: this.#busyElsewhere.count < SAMPLES_BEFORE_VERDICT ? 0 : this.#busyElsewhere.value,
      cores: probe.cores,
    }
    const next = nextLimits(this.#limits, sample, this.#options.bounds())
    const before = this.#limits
    this.#limits = next
    if (next.reason !== null) this.#options.onChange(next, before, next.reason)
    const { paused } = this.#strain
    this.#strain = nextStrain(this.#strain, sample, next.concurrency)
    if (this.#strain.paused === paused) return
    if (paused) this.#options.onContinue()
    else this.#options.onPause('memory is short, even with one batch at a time')
  }
}
