/** The names of statements that a connection has prepared. The least recently used go first: texts hold paths, of which there is no end. */
export class PreparedNames {
  readonly #max: number
  /** By text, the least recently used first. */
  readonly #names = new Map<string, string>()
  #count = 0

  constructor(max = 200) {
    this.#max = max
  }

  /** The name of a statement; whether it is to be prepared first; and the name of one that is to be dropped. */
  use(text: string): { readonly name: string; readonly isNew: boolean; readonly dropped: string | undefined } {
    const known = this.#names.get(text)
    if (known !== undefined) {
      this.#names.delete(text)
      this.#names.set(text, known)
      return { name: known, isNew: false, dropped: undefined }
    }
    let dropped: string | undefined
    if (this.#names.size >= this.#max) {
      for (const [oldest, name] of this.#names) {
        this.#names.delete(oldest)
        dropped = name
        break
      }
    }
    const name = `millrace_${++this.#count}`
    this.#names.set(text, name)
    return { name, isNew: true, dropped }
  }

  /** Has a statement prepared again when it is used next: it may not be. */
  forget(text: string): void {
    this.#names.delete(text)
  }
}
