import { fails, holds, type Shape } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AgeLine } from '../../src/queue/age-line.ts'
import { Entry, EntryState } from '../../src/queue/entry.ts'
import { plain } from '../scheduler/rig.ts'

type MakeLine = () => Shape<AgeLine>

function entry(at: number): Entry {
  return new Entry({ type: 'plain', payload: { ids: [at] } }, plain, { ids: [at] }, undefined, 0, at)
}

/** Keeps what waits, and forgets the order of what it sweeps. */
class ShufflingLine implements Shape<AgeLine> {
  #entries: Entry[] = []

  push(pushed: Entry): void {
    if (this.#entries.length >= 64) this.#entries = this.#entries.filter(({ isWaiting }) => isWaiting).toReversed()
    this.#entries.push(pushed)
  }

  oldest(): Entry | undefined {
    return this.#entries.find(({ isWaiting }) => isWaiting)
  }
}

/** Entries come, and end in any order; asked at any time, it knows the oldest that waits. */
const knowsTheOldest = (make: MakeLine) =>
  fc.property(fc.array(fc.nat(400), { minLength: 50, maxLength: 300, size: 'max' }), (steps) => {
    const line = make()
    const entries: Entry[] = []
    for (const step of steps) {
      if (step % 4 > 0) {
        const one = entry(entries.length)
        entries.push(one)
        line.push(one)
      }
      const ended = entries[step % (entries.length + 1)]
      if (step % 2 === 0 && ended !== undefined) ended.state = step % 3 === 0 ? EntryState.WRITING : EntryState.OVER
      if (step % 5 === 0) expect(line.oldest()).toBe(entries.find(({ isWaiting }) => isWaiting))
    }
  })

describe('AgeLine', () => {
  it('knows the oldest that waits', () =>
    holds(
      knowsTheOldest(() => new AgeLine()),
      60,
    ))
  it('is caught where it forgets the order', () =>
    fails(
      knowsTheOldest(() => new ShufflingLine()),
      60,
    ))
})
