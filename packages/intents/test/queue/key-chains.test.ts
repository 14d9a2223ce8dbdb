import { fails, holds, type Shape } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Entry, EntryState } from '../../src/queue/entry.ts'
import { KeyChains } from '../../src/queue/key-chains.ts'
import { plain } from '../scheduler/rig.ts'

type MakeChains = () => Shape<KeyChains>

/** Lets what is behind a withdrawn one go on, whoever is before it. */
class BrokenChains extends KeyChains {
  override unlink(entry: Entry): void {
    this.leave(entry)
  }
}

/** Of each key one is on its way, the others come after it in their order, without those that were withdrawn; what has gone is forgotten. */
const keepsOrder = (make: MakeChains) =>
  fc.property(fc.array(fc.nat(999), { maxLength: 120, size: 'max' }), (steps) => {
    const chains = make()
    const waiting = new Map<string, Entry[]>()
    for (const step of steps) {
      const key = 'abc'[step % 3]!
      const line = waiting.get(key) ?? []
      waiting.set(key, line)
      const what = Math.floor(step / 3) % 5
      if (what < 3) {
        const entry = new Entry({ type: 'plain', payload: { ids: [] } }, plain, { ids: [] }, key, 0, 0)
        expect(chains.enter(entry)).toBe(line.at(-1))
        entry.state = line.length === 0 ? EntryState.BATCHED : EntryState.CHAINED
        line.push(entry)
      } else if (what === 3 && line.length > 1) {
        const [withdrawn] = line.splice(1 + (step % (line.length - 1)), 1)
        withdrawn!.state = EntryState.OVER
        chains.unlink(withdrawn!)
        expect([withdrawn!.next, withdrawn!.previous]).toEqual([undefined, undefined])
      } else if (what === 4 && line.length > 0) {
        const gone = line.shift()!
        gone.state = EntryState.OVER
        expect(chains.leave(gone)).toBe(line[0])
        if (line[0] !== undefined) line[0].state = EntryState.BATCHED
      }
      expect(chains.size).toBe([...waiting.values()].filter(({ length }) => length > 0).length)
    }
  })

describe('KeyChains', () => {
  it('keep the order of each key, and forget it with its last', () =>
    holds(
      keepsOrder(() => new KeyChains()),
      100,
    ))
  it('are caught where they break', () =>
    fails(
      keepsOrder(() => new BrokenChains()),
      100,
    ))
})
