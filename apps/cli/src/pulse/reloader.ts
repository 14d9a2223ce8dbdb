/** Does something whenever it is asked to, but never twice at the same time: asked while it does, it does so once more. */
export class Reloader {
  readonly #run: () => Promise<void>
  #isRunning = false
  #isAsked = false

  /** @param run must not throw. */
  constructor(run: () => Promise<void>) {
    this.#run = run
  }

  request(): void {
    this.#isAsked = true
    if (!this.#isRunning) void this.#runAll()
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true
    while (this.#isAsked) {
      this.#isAsked = false
      await this.#run()
    }
    this.#isRunning = false
  }
}
