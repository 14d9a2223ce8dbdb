import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FileIdSet } from '../../src/ledger/file-id-set.ts'

const change = fc.record({ fileId: fc.oneof(fc.nat(40), fc.nat(100_000)), isAdded: fc.boolean() })

function holdsWhatASetHolds(make: () => FileIdSet) {
  return fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
    const [bits, model] = [make(), new Set<number>()]
    for (const { fileId, isAdded } of changes) {
      for (const set of [bits, model]) isAdded ? set.add(fileId) : set.delete(fileId)
    }
    for (const { fileId } of changes) {
      for (const near of [fileId - 1, fileId, fileId + 1, fileId + 8]) expect(bits.has(near)).toBe(model.has(near))
    }
  })
}

it('holds the ids that were added and not taken away since', () => {
  fc.assert(holdsWhatASetHolds(() => new FileIdSet()))
})

it('would be told if taking an id away took its neighbours too', () => {
  class Careless extends FileIdSet {
    override delete(fileId: number): void {
      for (let near = fileId & ~7; near <= (fileId | 7); near++) super.delete(near)
    }
  }
  expect(fc.check(holdsWhatASetHolds(() => new Careless())).failed).toBe(true)
})

it('knows no id that is none', () => {
  expect(new FileIdSet().has(-1)).toBe(false)
})
