import { TimingWheel } from '../../src/queue/timing-wheel.ts'
import type { Shape } from '../property.ts'

/** One level of 1,024 buckets that does not count rounds: what is farther off comes as many rounds too early. */
export class RoundlessWheel implements Shape<TimingWheel> {
  readonly #due = new Map<number, number>()
  now = 0

  constructor({ now = 0 } = {}) {
    this.now = now
  }

  get size(): number {
    return this.#due.size
  }

  has(slot: number): boolean {
    return this.#due.has(slot)
  }

  dueOf(slot: number): number {
    return this.#due.get(slot) ?? 0
  }

  schedule(slot: number, tick: number): void {
    this.#due.set(slot, Math.max(tick, this.now))
  }

  cancel(slot: number): boolean {
    return this.#due.delete(slot)
  }

  nextTick(): number {
    let next = Number.POSITIVE_INFINITY
    for (const due of this.#due.values()) next = Math.min(next, this.now + ((due - this.now) % 1024))
    return next
  }

  advance(tick: number, out: Int32Array, most = out.length): number {
    let count = 0
    while (count < most && this.nextTick() <= tick) {
      this.now = this.nextTick()
      for (const [slot, due] of this.#due) {
        if (count === most || (due - this.now) % 1024 !== 0) continue
        out[count++] = slot
        this.#due.delete(slot)
      }
    }
    if (count < most) this.now = Math.max(this.now, tick)
    return count
  }
}

/** Wakes its owner a tick late. */
export class SleepyWheel extends TimingWheel {
  override nextTick(): number {
    return super.nextTick() + 1
  }
}

/** Looks at every tick in turn, as one without bitmaps does: its owner never sleeps. */
export class SleeplessWheel extends TimingWheel {
  override nextTick(): number {
    return this.size === 0 ? super.nextTick() : Math.min(super.nextTick(), this.now + 1)
  }
}

/** Forgets what there was no room for. */
export class ForgetfulWheel extends TimingWheel {
  override advance(tick: number, out: Int32Array, most = out.length): number {
    const all = new Int32Array(Math.max(1, this.size))
    const count = super.advance(tick, all)
    out.set(all.subarray(0, Math.min(count, most)))
    return Math.min(count, most)
  }
}

/** A slot that is in it stays where it is. */
export class StubbornWheel extends TimingWheel {
  override schedule(slot: number, tick: number): void {
    if (!this.has(slot)) super.schedule(slot, tick)
  }
}

/** By number, not by tick. */
export class SortingWheel extends TimingWheel {
  override advance(tick: number, out: Int32Array, most = out.length): number {
    const count = super.advance(tick, out, most)
    out.subarray(0, count).sort()
    return count
  }
}
