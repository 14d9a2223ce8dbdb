import { Parcel } from './parcel.ts'

/** The parcels of a pool: made once, used again and again. All is O(1) but `inFlight`. */
export class Parcels {
  /** By number. */
  readonly #made: Parcel[] = []
  readonly #spare: Parcel[] = []
  readonly #flying: Parcel[] = []

  /** Those that the transport has, in no order: a copy, as to deal with one may change which. */
  get inFlight(): readonly Parcel[] {
    return [...this.#flying]
  }

  of(number: number): Parcel | undefined {
    return this.#made[number]
  }

  /** One for tasks of a kind. */
  take(task: number): Parcel {
    const parcel = this.#spare.pop() ?? this.#make()
    parcel.task = task
    return parcel
  }

  /** The transport has it now. */
  launch(parcel: Parcel): void {
    parcel.index = this.#flying.length
    this.#flying.push(parcel)
  }

  /** The transport has not taken it. */
  putBack(parcel: Parcel): void {
    this.#spare.push(parcel)
  }

  /** The transport is through with it. */
  retire(parcel: Parcel): void {
    const last = this.#flying.pop()
    if (last !== undefined && last !== parcel) {
      this.#flying[parcel.index] = last
      last.index = parcel.index
    }
    parcel.reset()
    this.#spare.push(parcel)
  }

  #make(): Parcel {
    const parcel = new Parcel(this.#made.length)
    this.#made.push(parcel)
    return parcel
  }
}
