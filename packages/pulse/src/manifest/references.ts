import { readFileSync, statSync } from 'node:fs'

/** Where the values come from that a manifest refers to. */
export interface ReferenceSources {
  /** What `${NAME}` stands for. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** The text of a file that `file:/path` names; what it throws is a fault. @default reads files of up to 64 KiB */
  readonly readFile?: (path: string) => string
}

/** A reference that leads nowhere. The message names it, never a value. */
export class BrokenReference extends Error {
  override readonly name = 'BrokenReference'
}

const NAME = /\$(\$?)\{([^}]*)\}/g
const VALID_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const MAX_FILE_BYTES = 65_536
/** Shorter values are hidden only where they stand alone: a message would be unreadable. */
const SHORT = 4

/**
 * Resolves what a manifest must not contain itself: `${NAME}` within a text is a variable of the environment, a text `file:/path` the contents of a file
 * without the line break at its end; `$${` is `${` itself. What a value was is remembered, so that {@link References.hide} keeps it out of messages.
 */
export class References {
  readonly #environment: Readonly<Record<string, string | undefined>>
  readonly #readFile: (path: string) => string
  /** By text as it is written. */
  readonly #resolved = new Map<string, string>()
  /** By value: as it is written. */
  readonly #written = new Map<string, string>()

  constructor({ environment = process.env, readFile = readSmallFile }: ReferenceSources = {}) {
    this.#environment = environment
    this.#readFile = readFile
  }

  /** Whether a text refers to anything. */
  isReference(text: string): boolean {
    return text.includes('${') || text.startsWith('file:/')
  }

  /** @throws {BrokenReference} if there is no such variable or file. */
  resolve(text: string): string {
    if (!this.isReference(text)) return text
    let value = this.#resolved.get(text)
    if (value === undefined) {
      value = text.startsWith('file:/') ? this.#contents(text) : this.#replace(text)
      this.#resolved.set(text, value)
    }
    return value
  }

  /** A message in which values stand as they are written in the manifest. */
  hide(message: string): string {
    let hidden = message
    for (const [value, written] of this.#written) {
      if (value.length >= SHORT) hidden = hidden.replaceAll(value, () => written)
      else hidden = hidden.replaceAll(JSON.stringify(value), () => JSON.stringify(written))
    }
    return hidden
  }

  /** Whether a text contains a value that was referred to. */
  reveals(text: string): boolean {
    for (const value of this.#written.keys()) if (value.length >= SHORT && text.includes(value)) return true
    return false
  }

  #replace(text: string): string {
    return text.replaceAll(NAME, (written: string, dollar: string, name: string) => {
      if (dollar !== '') return written.slice(1)
      if (!VALID_NAME.test(name)) {
        throw new BrokenReference(
          `refers to ${short(written)}, which names no variable: letters, digits and _ can; $\${ stands for \${ itself`,
        )
      }
      const value = this.#environment[name]
      if (value === undefined)
        throw new BrokenReference(`refers to ${short(written)}, which is not set: set the variable ${short(name)}`)
      this.#remember(value, written)
      return value
    })
  }

  #contents(text: string): string {
    const path = text.slice('file:'.length).replace(/^\/+/, '/')
    let value: string
    try {
      value = this.#readFile(path).replace(/\r?\n$/, '')
    } catch (error) {
      const why = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error)
      throw new BrokenReference(`refers to the file ${short(path)}, which cannot be read (${why})`)
    }
    this.#remember(value, text)
    return value
  }

  #remember(value: string, written: string): void {
    if (value !== '') this.#written.set(value, written)
  }
}

function readSmallFile(path: string): string {
  const status = statSync(path)
  if (!status.isFile()) throw new Error('not a file')
  if (status.size > MAX_FILE_BYTES) throw new Error(`larger than ${MAX_FILE_BYTES} bytes`)
  return readFileSync(path, 'utf8')
}

function short(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
