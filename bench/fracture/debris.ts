import type { FractureResult } from '@millrace/fracture'

/** What a renderer and a physics engine need of a fragment before they can show it. */
interface Debris {
  readonly vertices: Float32Array
  readonly x: number
  readonly y: number
  readonly mass: number
}

/** As games have it, debris fades out: so much of it is there at once. */
const MOST_DEBRIS = 4096

/** A scene that puts debris in place of what is broken: vertices in single precision, a body about the middle. The same for everybody. */
export class Scene {
  readonly #debris: Debris[] = []
  #next = 0
  #area = 0

  /** Of all that was ever put in. */
  get area(): number {
    return this.#area
  }

  add(result: FractureResult): void {
    for (const { outer, centroid, area } of result.fragments) {
      const debris = { vertices: new Float32Array(outer), x: centroid.x, y: centroid.y, mass: area }
      this.#debris[this.#next] = debris
      this.#next = (this.#next + 1) % MOST_DEBRIS
      this.#area += area
    }
  }
}
