import type { CutInput, CutOutput, FracturePool } from '../src/index.ts'

interface Call {
  readonly id: number
  readonly resolve: (output: CutOutput) => void
  readonly reject: (error: unknown) => void
  readonly onProgress: ((fraction: number) => void) | undefined
}

/** Workers whose every answer a test decides. A polygon's first number says which it is, and its result begins with the same. */
export class FakePool implements FracturePool {
  readonly width: number
  /** Which polygons were handed over, in order. */
  readonly begun: number[] = []
  /** Those whose callers gave them up while they ran. */
  readonly stopped: number[] = []
  #calls: Call[] = []

  constructor(width = 2) {
    this.width = width
  }

  /** Which polygons the workers have now. */
  get held(): number[] {
    return this.#calls.map(({ id }) => id)
  }

  run(
    _name: 'fracture',
    { coords }: CutInput,
    options: { readonly signal?: AbortSignal; readonly onProgress?: (fraction: number) => void } = {},
  ): Promise<CutOutput> {
    const id = coords[0]!
    this.begun.push(id)
    return new Promise((resolve, reject) => {
      const call: Call = { id, resolve, reject, onProgress: options.onProgress }
      this.#calls.push(call)
      options.signal?.addEventListener('abort', () => {
        if (!this.#remove(call)) return
        this.stopped.push(id)
        reject(options.signal?.reason)
      })
    })
  }

  /** The call in place `which` is answered, the one handed over first unless told. */
  finish(which = 0, ms = 0.1): void {
    const call = this.#calls[which]
    if (call !== undefined && this.#remove(call)) call.resolve(outputOf(call.id, ms))
  }

  finishAll(): void {
    while (this.#calls.length > 0) this.finish()
  }

  fail(which: number, error: unknown): void {
    const call = this.#calls[which]
    if (call !== undefined && this.#remove(call)) call.reject(error)
  }

  progress(which: number, fraction: number): void {
    this.#calls[which]?.onProgress?.(fraction)
  }

  #remove(call: Call): boolean {
    const isHeld = this.#calls.includes(call)
    this.#calls = this.#calls.filter((other) => other !== call)
    return isHeld
  }
}

function outputOf(id: number, ms: number): CutOutput {
  return { ms, numbers: Float64Array.of(id), layout: Int32Array.of(0, 0, 0, -1), mesh: undefined }
}

/** All that follows from what was done has happened. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
