import { MAX_DEFINITIONS_BYTES, MAX_ITEM_BYTES } from './piece.ts'

/** What a scanner tells as it meets it. */
export interface JsonListener {
  /** A monitor, in pieces of bytes; undefined if it is too large. */
  onItem(parts: readonly Uint8Array[] | undefined, line: number): void
  /** The list of monitors begins. */
  onList(): void
}

const [TAB, NEWLINE, RETURN, SPACE, QUOTE, BACKSLASH, COMMA] = [9, 10, 13, 32, 34, 92, 44]
const [OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [91, 93, 123, 125]
const KEY = [...Buffer.from('"monitors"')]

/**
 * Finds the monitors in a JSON document, a mapping with `monitors` or a list of monitors, by brackets and quotes alone: what is between them is for
 * others to read. O(bytes); holds a monitor and what stands beside them all.
 */
export class JsonScanner {
  readonly #listener: JsonListener
  /** What stands beside the monitors: where they were there are line breaks, as many as they had. */
  readonly #outer: Uint8Array[] = []
  #outerBytes = 0
  #line = 1
  #depth = 0
  #isInString = false
  #isEscaped = false
  /** How much of {@link KEY} was met at the top just now; all of it and -1 elsewhere. */
  #matched = -1
  /** The depth at which monitors are, as long as their list is open. */
  #listDepth = 0
  #listLine = 0
  #item: Uint8Array[] | undefined
  #itemBytes = 0
  #itemLine = 0
  #hasRoot = false

  constructor(listener: JsonListener) {
    this.#listener = listener
  }

  /** Whether the document is whole. */
  get isWhole(): boolean {
    return this.#hasRoot && this.#depth === 0 && !this.#isInString
  }

  /** All but the monitors, closed if the list of them is still open; undefined if that is too large. */
  get outer(): Uint8Array | undefined {
    return this.#outerBytes > MAX_DEFINITIONS_BYTES ? undefined : Buffer.concat(this.#outer)
  }

  scan(bytes: Uint8Array): void {
    /** From here on it is kept: of a monitor, or of what stands beside them. */
    let from = 0
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (byte === NEWLINE) this.#line++
      if (this.#isInString) {
        if (this.#matched >= 0) this.#matched = byte === KEY[this.#matched] ? this.#matched + 1 : -1
        if (this.#isEscaped) this.#isEscaped = false
        else if (byte === BACKSLASH) this.#isEscaped = true
        else if (byte === QUOTE) this.#isInString = false
        continue
      }
      if (byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB) continue
      const isBetween = this.#listDepth > 0 && this.#depth === this.#listDepth
      if (isBetween && (byte === COMMA || byte === CLOSE_LIST)) {
        if (this.#item !== undefined) {
          this.#keepItem(bytes.subarray(from, at))
          this.#endItem()
        }
        from = at + 1
        if (byte === COMMA) continue
        this.#depth--
        this.#listDepth = 0
        this.#keepOuter(Buffer.alloc(Math.min(this.#line - this.#listLine, MAX_DEFINITIONS_BYTES), NEWLINE))
        from = at
        continue
      }
      if (isBetween && this.#item === undefined) {
        this.#item = []
        this.#itemBytes = 0
        this.#itemLine = this.#line
        from = at
      }
      this.#hasRoot = true
      if (byte === QUOTE) {
        this.#isInString = true
        this.#matched = this.#depth === 1 && this.#listDepth === 0 ? 1 : -1
      } else if (byte === OPEN || byte === OPEN_LIST) {
        const isList =
          byte === OPEN_LIST &&
          this.#listDepth === 0 &&
          (this.#depth === 0 || (this.#depth === 1 && this.#matched === KEY.length))
        this.#depth++
        this.#matched = -1
        if (isList) {
          this.#keepOuter(bytes.subarray(from, at + 1))
          from = at + 1
          this.#listDepth = this.#depth
          this.#listLine = this.#line
          this.#listener.onList()
        }
      } else if (byte === CLOSE || byte === CLOSE_LIST) {
        this.#depth = Math.max(0, this.#depth - 1)
        this.#matched = -1
      } else if (byte === COMMA) this.#matched = -1
    }
    const rest = bytes.subarray(from)
    if (this.#listDepth === 0) this.#keepOuter(rest)
    else if (this.#item !== undefined) this.#keepItem(rest)
  }

  #keepOuter(bytes: Uint8Array): void {
    this.#outerBytes += bytes.length
    if (this.#outerBytes <= MAX_DEFINITIONS_BYTES) this.#outer.push(bytes)
  }

  #keepItem(bytes: Uint8Array): void {
    this.#itemBytes += bytes.length
    if (this.#itemBytes <= MAX_ITEM_BYTES) this.#item!.push(bytes)
    else this.#item!.length = 0
  }

  #endItem(): void {
    this.#listener.onItem(this.#itemBytes > MAX_ITEM_BYTES ? undefined : this.#item!, this.#itemLine)
    this.#item = undefined
  }
}
