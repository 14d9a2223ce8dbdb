import { EVENT_ID, type Event, parseEvents } from 'js-yaml'
import { countLines } from './text.ts'

/**
 * Finds the lines of fields in a text of YAML or JSON. What is not there, since an alias or a merge brought it, is on the line of the mapping that
 * should have it. O(text) for the first, then O(fields).
 */
export class FieldLines {
  readonly #text: string
  #events: readonly Event[] | undefined

  constructor(text: string) {
    this.#text = text
  }

  /** @param path is names of fields, and indices of lists. @returns from 1. */
  lineOf(path: readonly (string | number)[]): number {
    return countLines(this.#text, this.#offsetOf(path)) + 1
  }

  #offsetOf(path: readonly (string | number)[]): number {
    const events = this.#parsed()
    // The first event is the document itself.
    let at = 1
    let offset = 0
    for (const step of path) {
      const found = events[at] === undefined ? undefined : this.#child(at, step)
      if (found === undefined) break
      at = found.value
      offset = found.offset
    }
    return offset
  }

  #child(at: number, step: string | number): { readonly value: number; readonly offset: number } | undefined {
    const events = this.#parsed()
    const parent = events[at]!
    if (parent.type === EVENT_ID.SEQUENCE && typeof step === 'number') {
      let child = at + 1
      for (let index = 0; index < step && events[child]?.type !== EVENT_ID.POP; index++) child = this.#behind(child)
      return this.#found(child, child)
    }
    if (parent.type !== EVENT_ID.MAPPING) return undefined
    for (let key = at + 1; events[key] !== undefined && events[key]!.type !== EVENT_ID.POP; ) {
      const value = this.#behind(key)
      const event = events[key]!
      if (event.type === EVENT_ID.SCALAR && this.#text.slice(event.valueStart, event.valueEnd) === String(step)) {
        return this.#found(value, key)
      }
      key = this.#behind(value)
    }
    return undefined
  }

  #found(value: number, shown: number) {
    const event = this.#parsed()[shown]
    if (event === undefined) return undefined
    if (event.type === EVENT_ID.SCALAR) return { value, offset: event.valueStart }
    if (event.type === EVENT_ID.ALIAS) return { value, offset: event.anchorStart }
    return event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE
      ? { value, offset: event.start }
      : undefined
  }

  /** The event behind a node. */
  #behind(node: number): number {
    const events = this.#parsed()
    let depth = 0
    for (let at = node; at < events.length; at++) {
      const { type } = events[at]!
      if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) depth++
      else if (type === EVENT_ID.POP) depth--
      if (depth <= 0) return at + 1
    }
    return events.length
  }

  #parsed(): readonly Event[] {
    if (this.#events === undefined) {
      try {
        this.#events = parseEvents(this.#text, {})
      } catch {
        this.#events = []
      }
    }
    return this.#events
  }
}

/** The steps to a field as faults name it: `codes.red.config`, `maintenance[0].cron`. */
export function pathOf(field: string): (string | number)[] {
  if (field === '') return []
  return [...field.matchAll(/\[(\d+)\]|([^.[]+)/g)].map(([, index, name]) =>
    index === undefined ? name! : Number(index),
  )
}
