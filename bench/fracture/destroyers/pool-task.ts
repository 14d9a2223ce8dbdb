import { Piscina } from 'piscina'
import { Tinypool } from 'tinypool'
import { cutObject, type PackedFragments } from '../kernel.ts'
import type { BreakableObject } from '../objects.ts'
import { buffersOf } from '../packed-buffers.ts'

/** For the pools beside ours: a task is an export. What it returns is cloned. */
export function cloned(object: BreakableObject): PackedFragments {
  return cutObject(object)
}

/** The same, its buffers given away, as piscina has it. */
export function movedByPiscina(object: BreakableObject): object {
  return Piscina.move(movable(cutObject(object), Piscina))
}

/** The same, as tinypool has it. */
export function movedByTinypool(object: BreakableObject): object {
  return Tinypool.move(movable(cutObject(object), Tinypool))
}

interface Symbols {
  readonly transferableSymbol: symbol
  readonly valueSymbol: symbol
}

/** A value as these pools know one that goes with its buffers. */
function movable(packed: PackedFragments, { transferableSymbol, valueSymbol }: Symbols): object {
  return { [transferableSymbol]: buffersOf([packed]), [valueSymbol]: packed }
}
