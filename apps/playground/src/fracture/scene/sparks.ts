import { Particle, ParticleContainer, type Texture } from 'pixi.js'

const MOST = 900
const GRAVITY = 700

/** Sparks and dust, up to a fixed number: a new one takes the place of the oldest. */
export class Sparks {
  readonly view: ParticleContainer
  readonly #particles: readonly Particle[]
  readonly #vx = new Float32Array(MOST)
  readonly #vy = new Float32Array(MOST)
  readonly #age = new Float32Array(MOST)
  readonly #life = new Float32Array(MOST)
  readonly #size = new Float32Array(MOST)
  readonly #weight = new Float32Array(MOST)
  #next = 0
  #live = 0

  constructor(texture: Texture) {
    this.#particles = Array.from(
      { length: MOST },
      () => new Particle({ texture, anchorX: 0.5, anchorY: 0.5, alpha: 0, scaleX: 0, scaleY: 0 }),
    )
    this.view = new ParticleContainer({
      dynamicProperties: { position: true, color: true, vertex: true },
      particles: [...this.#particles],
    })
    this.view.blendMode = 'add'
  }

  get live(): number {
    return this.#live
  }

  /** Throws `count` of them up from a point. Sparks are small, quick and fall; dust is large, slow and hangs. */
  emit(x: number, y: number, colour: number, count: number, speed: number, isDust: boolean): void {
    for (let index = 0; index < count; index++) {
      const slot = this.#next++ % MOST
      const turn = Math.random() * 2 * Math.PI
      const strength = speed * Math.random() ** 0.5
      this.#vx[slot] = Math.cos(turn) * strength
      this.#vy[slot] = Math.sin(turn) * strength - speed * 0.3
      this.#age[slot] = 0
      this.#life[slot] = isDust ? 0.7 + Math.random() * 1.3 : 0.25 + Math.random() * 0.7
      this.#size[slot] = isDust ? 0.45 + Math.random() * 0.9 : 0.05 + Math.random() * 0.09
      this.#weight[slot] = isDust ? 0.02 : 1
      const particle = this.#particles[slot]!
      Object.assign(particle, { x, y, tint: colour })
    }
  }

  /** Moves all of them on. Returns at times, so that a frame can end. */
  *fly(passed: number): Generator<void, void, void> {
    let live = 0
    for (let slot = 0; slot < MOST; slot++) {
      if (slot % 150 === 149) yield
      const particle = this.#particles[slot]!
      const life = this.#life[slot]!
      if (life === 0) continue
      const age = this.#age[slot]! + passed
      this.#age[slot] = age
      if (age >= life) {
        this.#life[slot] = 0
        particle.alpha = 0
        particle.scaleX = particle.scaleY = 0
        continue
      }
      live++
      const isDust = this.#weight[slot]! < 1
      this.#vy[slot]! += GRAVITY * this.#weight[slot]! * passed
      const drag = isDust ? Math.exp(-2.6 * passed) : 1
      this.#vx[slot]! *= drag
      this.#vy[slot]! *= drag
      particle.x += this.#vx[slot]! * passed
      particle.y += this.#vy[slot]! * passed
      const rest = 1 - age / life
      particle.alpha = isDust ? 0.16 * rest : Math.min(1, rest * 1.8)
      const size = this.#size[slot]! * (isDust ? 1.5 - rest * 0.6 : 0.4 + 0.6 * rest)
      particle.scaleX = size
      particle.scaleY = size
    }
    this.#live = live
  }
}
