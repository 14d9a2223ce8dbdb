import { MillraceError } from '@millrace/kernel/errors'
import type { LoadReport } from '../pulse.ts'
import type { MonitorBatch, Profile } from './monitor.ts'
import { MAX_TEXT_BYTES, type MonitorTable } from './monitor-table.ts'
import { hashOf, NameIndex } from './name-index.ts'
import type { ProfileTable } from './profile-table.ts'

export interface LoadMonitorsOptions {
  readonly table: MonitorTable
  readonly profiles: ProfileTable
  /** @throws {MillraceError} if nobody here can do what a profile says. */
  readonly checkProfile: (profile: Profile) => void
  /** A monitor is there that was not. */
  readonly onAdded: (monitor: number) => void
  /** A monitor is another now, of the same name; `apply` makes it so. */
  readonly onChanged: (monitor: number, apply: () => void) => void
  /** A monitor is to be there no more; `apply` makes it so. */
  readonly onRemoved: (monitor: number, apply: () => void) => void
  /** Between two batches: others have their turn. */
  readonly turn: () => Promise<void>
}

/** When it is looked for those that are gone, so many are looked at between two turns. */
const SLICE = 50_000

/**
 * Makes the table have the monitors of `batches`, and no others. What is wrong with them is found before anything changes.
 *
 * O(monitors). While it lasts, the batches are in memory too: their text, and 32 to 40 bytes a monitor.
 * @throws {MillraceError} `MONITOR_DUPLICATE`, `OPTION_INVALID` for a text that is too long, and what `checkProfile` throws.
 */
export async function loadMonitors(
  batches: AsyncIterable<MonitorBatch> | Iterable<MonitorBatch>,
  options: LoadMonitorsOptions,
): Promise<LoadReport> {
  const { table, profiles, onAdded, onChanged, onRemoved, turn } = options
  const all = await collect(batches, options.checkProfile)
  table.reserve(Math.max(0, all.count - table.size))
  const seen = new Uint8Array(table.end)
  const numbers: number[] = []
  let added = 0
  let changed = 0
  let last = -1
  let isInOrder = true
  for (const { batch, first } of all.batches) {
    for (const profile of batch.profiles) {
      const number = profiles.intern(profile)
      numbers.push(number)
      // Held as long as this lasts, also by those who have it from before.
      profiles.retain(number)
    }
    let from = 0
    for (let at = 0; at < batch.profileNumbers.length; at++) {
      const nameLength = batch.lengths[2 * at]!
      const text = batch.text.subarray(from, from + nameLength + batch.lengths[2 * at + 1]!)
      from += text.length
      const profile = numbers[batch.profileNumbers[at]!]!
      const hash = all.hashOf(first + at)
      const number = table.findBytes(text.subarray(0, nameLength), hash)
      if (number < 0) {
        profiles.retain(profile)
        const fresh = table.add(text, nameLength, profile, hash)
        isInOrder &&= fresh > last
        last = fresh
        // It may have the number of one that was there once.
        if (fresh < seen.length) seen[fresh] = 1
        onAdded(fresh)
        added++
        continue
      }
      seen[number] = 1
      isInOrder &&= number > last
      last = number
      if (table.profile[number] === profile && table.hasTarget(number, text.subarray(nameLength))) continue
      changed++
      onChanged(number, () => {
        profiles.retain(profile)
        profiles.release(table.profile[number]!)
        table.change(number, text, profile)
      })
    }
    await turn()
  }
  let removed = 0
  for (let number = 0; number < seen.length; number++) {
    if (seen[number] === 0 && table.has(number)) {
      removed++
      onRemoved(number, () => {
        profiles.release(table.profile[number]!)
        table.remove(number)
      })
    }
    if (number % SLICE === SLICE - 1) await turn()
  }
  table.order = isInOrder ? undefined : await numbersOf(all, table, turn)
  for (const number of numbers) profiles.release(number)
  table.compact()
  return { added, changed, removed, unchanged: table.size - added - changed }
}

/** The numbers that a table has for them, in their order. */
async function numbersOf(all: BatchNames, table: MonitorTable, turn: () => Promise<void>): Promise<Uint32Array> {
  const numbers = new Uint32Array(all.count)
  for (const { batch, places, first } of all.batches) {
    for (let at = 0; at < places.length; at++) {
      const place = places[at]!
      const name = batch.text.subarray(place, place + batch.lengths[2 * at]!)
      numbers[first + at] = table.findBytes(name, all.hashOf(first + at))
    }
    await turn()
  }
  return numbers
}

/** All batches, in which no name is twice. */
async function collect(
  batches: AsyncIterable<MonitorBatch> | Iterable<MonitorBatch>,
  checkProfile: (profile: Profile) => void,
): Promise<BatchNames> {
  const names = new BatchNames()
  for await (const batch of batches) {
    for (const profile of batch.profiles) checkProfile(profile)
    names.add(batch)
  }
  return names
}

/** A batch, how many monitors came before it, and where in its text each of its own begins. */
interface PlacedBatch {
  readonly batch: MonitorBatch
  readonly first: number
  readonly places: Uint32Array
}

const HASHES_BITS = 16
const HASHES = 1 << HASHES_BITS

/** Batches with different names. PERF: 8 bytes a name and its place in an index, and nothing that grows by being copied; bench/pulse/memory.bench.ts, bench/pulse/loading.bench.ts. */
class BatchNames {
  readonly batches: PlacedBatch[] = []
  #count = 0
  /** Of names, by number, in pieces. */
  readonly #hashes: Uint32Array[] = []
  readonly #index = new NameIndex(
    (number, name, hash) => this.hashOf(number) === hash && Buffer.compare(this.#nameOf(number), name) === 0,
    (number) => this.hashOf(number),
  )

  /** Monitors in all of them. */
  get count(): number {
    return this.#count
  }

  /** @throws {MillraceError} `MONITOR_DUPLICATE`, `OPTION_INVALID`. */
  add(batch: MonitorBatch): void {
    const { text, lengths, profileNumbers } = batch
    const count = profileNumbers.length
    const places = new Uint32Array(count)
    const first = this.#count
    this.batches.push({ batch, first, places })
    let from = 0
    for (let at = 0; at < count; at++) {
      const nameLength = lengths[2 * at]!
      const targetLength = lengths[2 * at + 1]!
      const name = text.subarray(from, from + nameLength)
      checkText(name, targetLength)
      const hash = hashOf(name)
      places[at] = from
      if (this.#index.find(name, hash) >= 0) throw duplicate(name)
      this.#keep(hash)
      this.#index.add(first + at, hash)
      from += nameLength + targetLength
    }
  }

  hashOf(number: number): number {
    return this.#hashes[number >>> HASHES_BITS]![number & (HASHES - 1)]!
  }

  #keep(hash: number): void {
    const at = this.#count++ & (HASHES - 1)
    if (at === 0) this.#hashes.push(new Uint32Array(HASHES))
    this.#hashes.at(-1)![at] = hash
  }

  #nameOf(number: number): Uint8Array {
    const { batch, places, first } = this.#batchOf(number)
    const at = number - first
    const place = places[at]!
    return batch.text.subarray(place, place + batch.lengths[2 * at]!)
  }

  /** The last one that begins at or before it. */
  #batchOf(number: number): PlacedBatch {
    const batches = this.batches
    let low = 0
    let high = batches.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (batches[middle]!.first <= number) low = middle
      else high = middle - 1
    }
    return batches[low]!
  }
}

function checkText(name: Uint8Array, targetLength: number): void {
  if (name.length > 0 && Math.max(name.length, targetLength) <= MAX_TEXT_BYTES) return
  const text = new TextDecoder().decode(name.subarray(0, 200))
  throw new MillraceError(
    'OPTION_INVALID',
    `Pulse.load: the monitor ${JSON.stringify(text)} has a name of ${name.length} bytes and a target of ${targetLength}; give it a name, and at most ${MAX_TEXT_BYTES} bytes of each`,
  )
}

function duplicate(name: Uint8Array): MillraceError {
  const text = new TextDecoder().decode(name)
  return new MillraceError(
    'MONITOR_DUPLICATE',
    `Two monitors are named ${JSON.stringify(text)}; give each a name of its own`,
    {
      detail: { name: text },
    },
  )
}
