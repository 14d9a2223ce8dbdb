import type { WriteBatch, WriteItem } from '../sink/sink.ts'

/** The items of a batch that `isKept` says, in their waves. */
export function keep(batch: WriteBatch, isKept: (item: WriteItem) => boolean): WriteBatch {
  const waves = batch.waves.map((wave) => wave.filter(isKept)).filter((wave) => wave.length > 0)
  return { id: batch.id, waves, size: waves.reduce((size, wave) => size + wave.length, 0) }
}

/** The items from `from` up to `to` of a batch, counted through its waves, in their waves. */
export function cut(batch: WriteBatch, from: number, to: number): WriteBatch {
  const waves: (readonly WriteItem[])[] = []
  let start = 0
  for (const wave of batch.waves) {
    const part = wave.slice(Math.max(0, from - start), Math.max(0, to - start))
    if (part.length > 0) waves.push(part)
    start += wave.length
  }
  return { id: batch.id, waves, size: to - from }
}
