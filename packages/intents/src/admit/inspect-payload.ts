/** Deeper than this nothing is that a database is given; what refers to itself is, always. */
const MAX_DEPTH = 64

/** What is wrong with a payload: where, and why. */
export class PayloadFault {
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly isTooLarge: boolean

  constructor(path: readonly (string | number)[], message: string, isTooLarge = false) {
    this.path = path
    this.message = message
    this.isTooLarge = isTooLarge
  }
}

/**
 * About how many bytes a payload takes as JSON, found in one walk that also refuses what could not be written, or would do harm elsewhere: NUL
 * characters (PostgreSQL's text has none), numbers that are not finite, functions and symbols, objects that contain themselves, and
 * keys that reach a prototype. Stops at `maxBytes`. O(size); allocates nothing where all is well.
 */
export function inspectPayload(payload: unknown, maxBytes: number): number | PayloadFault {
  walk.begin(maxBytes)
  walk.visit(payload, 0)
  return walk.fault ?? walk.bytes
}

class Walk {
  #maxBytes = 0
  bytes = 0
  fault: PayloadFault | undefined

  begin(maxBytes: number): void {
    this.#maxBytes = maxBytes
    this.bytes = 0
    this.fault = undefined
  }

  visit(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case 'string':
        return this.#text(value, 2)
      case 'number':
        if (value - value !== 0) return this.#refuse(`is ${value}, which is no number that can be written`)
        return this.#count(8)
      case 'boolean':
      case 'undefined':
        return this.#count(5)
      case 'bigint':
        return this.#count(20)
      case 'object':
        if (value === null) return this.#count(4)
        return this.#object(value, depth)
      default:
        return this.#refuse(`is a ${typeof value}, which cannot be written`)
    }
  }

  #object(value: object, depth: number): boolean {
    if (depth >= MAX_DEPTH) return this.#refuse(`is more than ${MAX_DEPTH} levels deep, or contains itself`)
    if (Array.isArray(value)) return this.#array(value, depth)
    const prototype = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null && isSpecial(value)) return this.#special(value)
    if (!this.#count(2)) return false
    for (const name in value) {
      if (name === '__proto__') return this.#refuse('reaches a prototype', name)
      const field = (value as Record<string, unknown>)[name]
      if (name === 'constructor' && typeof field === 'object' && field !== null && Object.hasOwn(field, 'prototype')) {
        return this.#refuse('reaches a prototype', name, 'prototype')
      }
      if (!this.#text(name, 4)) return false
      if (!this.visit(field, depth + 1)) return this.#at(name)
    }
    return true
  }

  #special(value: object): boolean {
    if (ArrayBuffer.isView(value)) return this.#count(value.byteLength * 2)
    if (!(value instanceof Date)) return this.#refuse('is a Map or a Set: give an object or an array')
    return Number.isNaN(value.getTime()) ? this.#refuse('is no valid date') : this.#count(26)
  }

  #array(values: readonly unknown[], depth: number): boolean {
    if (!this.#count(2 + values.length)) return false
    for (let at = 0; at < values.length; at++) if (!this.visit(values[at], depth + 1)) return this.#at(at)
    return true
  }

  #text(text: string, around: number): boolean {
    if (text.includes('\0')) return this.#refuse('has a NUL character, which PostgreSQL has no place for')
    // PERF: short texts are counted by their UTF-16 length: asking for their bytes costs more than all else here; bench/intents/overhead.bench.ts.
    return this.#count(around + (text.length < 64 ? text.length : Buffer.byteLength(text)))
  }

  #count(bytes: number): boolean {
    this.bytes += bytes
    if (this.bytes <= this.#maxBytes) return true
    this.fault = new PayloadFault([], `takes more than ${this.#maxBytes} bytes`, true)
    return false
  }

  #refuse(message: string, ...path: (string | number)[]): false {
    this.fault = new PayloadFault(path, message)
    return false
  }

  /** On the way back from a fault: it was in here. */
  #at(name: string | number): false {
    const { path, message, isTooLarge } = this.fault!
    if (!isTooLarge) this.fault = new PayloadFault([name, ...path], message)
    return false
  }
}

/** PERF: one for all, for a walk is over before the next begins; bench/intents/overhead.bench.ts. */
const walk = new Walk()

function isSpecial(value: object): boolean {
  return ArrayBuffer.isView(value) || value instanceof Date || value instanceof Map || value instanceof Set
}
