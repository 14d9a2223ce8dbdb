import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lru, type LruOptions } from '../../src/cache/lru.ts'

const MOST = 100
const same = (one: string, other: string) => one === other

const act = fc.record({
  kind: fc.constantFrom('get', 'set'),
  key: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCD'),
  // So that at times there are more than a few.
  bytes: fc.oneof(fc.integer({ min: 0, max: 130 }), fc.integer({ min: 0, max: 4 })),
})

/** A list, the one used last at its end; of two keys of one hash there is one. */
function behavesAsAList(Cache: typeof Lru) {
  // Some of the keys have one hash.
  const hashOf = (key: string) => key.charCodeAt(0) % 23
  return fc.property(fc.array(act, { maxLength: 100, size: 'max' }), (acts) => {
    const lru = new Cache<string, number>({ maxBytes: MOST, same })
    let model: { key: string; value: number; bytes: number }[] = []
    for (const [value, { kind, key, bytes }] of acts.entries()) {
      const known = model.find((entry) => entry.key === key)
      if (kind === 'get') {
        expect(lru.get(hashOf(key), key)).toBe(known?.value)
        if (known !== undefined) model = [...model.filter((entry) => entry !== known), known]
      } else {
        lru.set(hashOf(key), key, value, bytes)
        model = model.filter((entry) => hashOf(entry.key) !== hashOf(key))
        if (bytes <= MOST) model.push({ key, value, bytes })
        while (bytesIn(model) > MOST) model.shift()
      }
      expect(lru.bytes).toBe(bytesIn(model))
      expect(lru.size).toBe(model.length)
    }
  })
}

const bytesIn = (entries: readonly { bytes: number }[]) => entries.reduce((sum, { bytes }) => sum + bytes, 0)

describe('Lru', () => {
  it('keeps what was used last, and mistakes no key for another', () => holds(behavesAsAList(Lru)))

  it('is caught when one hash counts as one key', () =>
    fails(
      behavesAsAList(
        class<K, V> extends Lru<K, V> {
          constructor(options: LruOptions<K>) {
            super({ ...options, same: () => true })
          }
        },
      ),
    ))

  it('keeps nothing larger than itself', () => {
    const lru = new Lru<string, number>({ maxBytes: 10, same })
    lru.set(1, 'a', 1, 11)
    expect(lru.size).toBe(0)
    lru.set(1, 'a', 1, 10)
    expect([lru.size, lru.bytes, lru.get(1, 'a'), lru.get(2, 'a')]).toEqual([1, 10, 1, undefined])
  })
})
