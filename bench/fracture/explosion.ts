import type { Scene } from './debris.ts'
import type { Destroyer } from './destroyers/destroyer.ts'
import { type FrameTimes, runFrames } from './frame-loop.ts'
import { type BreakableObject, largeObjectOf, objectOf } from './objects.ts'

/** What became of objects that were all broken in one frame. */
export interface Explosion {
  /** From the frame in which they were broken to the one in which the last of them was put in, both counted. */
  readonly frames: readonly FrameTimes[]
  /** Of each object but the poison, from the call until its debris was in the scene, in ms. */
  readonly latencies: readonly number[]
  /** The same, in frames: 1 is the next one. */
  readonly framesLate: readonly number[]
}

export interface ExplosionPlan {
  readonly objects: number
  /** The number of the first: the others follow. */
  readonly first: number
  /** Vertices of one object more, broken before the others; 0 for none. */
  readonly poisonPoints: number
}

/** Breaks all objects in one frame, and runs frames until the last one is debris. */
export async function explode(destroyer: Destroyer, scene: Scene, plan: ExplosionPlan): Promise<Explosion> {
  const { objects, first, poisonPoints } = plan
  const poison = poisonPoints > 0 ? largeObjectOf(first, poisonPoints) : undefined
  const broken = Array.from({ length: objects }, (_, place) => objectOf(first + place))
  const latencies: number[] = []
  const framesLate: number[] = []
  let left = objects + (poison === undefined ? 0 : 1)
  let frameNow = 0

  function breakOne(object: BreakableObject): void {
    const calledAt = performance.now()
    destroyer.destroy(object, (result) => {
      scene.add(result)
      left--
      if (object === poison) return
      latencies.push(performance.now() - calledAt)
      framesLate.push(frameNow)
    })
  }

  const frames = await runFrames((frame) => {
    frameNow = frame
    if (left === 0) return false
    if (frame === 0) {
      if (poison !== undefined) breakOne(poison)
      for (const object of broken) breakOne(object)
    }
    destroyer.frame()
    return true
  })
  return { frames, latencies, framesLate }
}
