import type { MonitorBatch, MonitorSpec, Profile } from '../monitors/monitor.ts'

/** Monitors in a batch. */
const SIZE = 1024
/** A unit of UTF-16 has at most so many bytes in UTF-8. */
const MAX_BYTES = 3

const LAST_ASCII = 127

const encoder = new TextEncoder()

/** Gathers monitors into {@link MonitorBatch}es. */
export class BatchBuilder {
  /** By key: the number of a profile. */
  readonly #numbers = new Map<string, number>()
  #profiles: Profile[] = []
  #text = new Uint8Array(SIZE * 128)
  #bytes = 0
  #lengths = new Uint32Array(SIZE * 2)
  #profileNumbers = new Uint32Array(SIZE)
  #lines = new Uint32Array(SIZE)
  #count = 0

  get isFull(): boolean {
    return this.#count === SIZE
  }

  get isEmpty(): boolean {
    return this.#count === 0
  }

  /** @param key is the same of profiles that say the same, and of no others. */
  add({ name, target, profile }: MonitorSpec, key: string, line: number): void {
    let number = this.#numbers.get(key)
    if (number === undefined) {
      number = this.#numbers.size
      this.#numbers.set(key, number)
      this.#profiles.push(profile)
    }
    const at = this.#count++
    this.#lengths[2 * at] = this.#write(name)
    this.#lengths[2 * at + 1] = this.#write(target)
    this.#profileNumbers[at] = number
    this.#lines[at] = line
  }

  /** What was gathered since the last; its arrays are nobody else's. */
  take(): MonitorBatch {
    const count = this.#count
    const batch = {
      profiles: this.#profiles,
      text: this.#text.slice(0, this.#bytes),
      lengths: this.#lengths.slice(0, 2 * count),
      profileNumbers: this.#profileNumbers.slice(0, count),
      lines: this.#lines.slice(0, count),
    }
    this.#profiles = []
    this.#bytes = 0
    this.#count = 0
    return batch
  }

  /** Appends a text, and gives its bytes. PERF: names and URLs are short, and a call of the encoder costs more than a look at each letter; bench/pulse/loading.bench.ts. */
  #write(text: string): number {
    const needed = this.#bytes + text.length * MAX_BYTES
    if (needed > this.#text.length) {
      const larger = new Uint8Array(Math.max(needed, this.#text.length * 2))
      larger.set(this.#text)
      this.#text = larger
    }
    const bytes = this.#text
    const start = this.#bytes
    let written = 0
    for (; written < text.length; written++) {
      const unit = text.charCodeAt(written)
      if (unit > LAST_ASCII) break
      bytes[start + written] = unit
    }
    if (written < text.length) written = encoder.encodeInto(text, bytes.subarray(start)).written
    this.#bytes += written
    return written
  }
}
