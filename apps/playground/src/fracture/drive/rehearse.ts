import { Texture } from 'pixi.js'
import { Light } from '../scene/light.ts'
import { Sparks } from '../scene/sparks.ts'
import type { Settings } from '../settings.ts'
import { Hall } from '../world/hall.ts'
import type { KindName } from '../world/kinds.ts'
import { Breaker } from './breaker.ts'
import { HallSystems } from './systems.ts'

const THINGS = 24
const WIDTH = 420
const FRAME_MS = 16
/** The page's own frames go on between. */
const FRAME_BUDGET_MS = 4
/** Frames after the last thing has come apart: bodies are made, and move. */
const FRAMES_AFTER = 10
/** More than it ever takes: a page goes on without. */
const MOST_FRAMES = 1000

/**
 * Breaks a few things in a hall that nobody sees, in the way in which the page will: what has run once is compiled, and the first blow takes no longer than those
 * after it.
 */
export async function rehearse(pictures: ReadonlyMap<KindName, readonly Texture[]>, settings: Settings): Promise<void> {
  const hall = new Hall(pictures, new Light(), { count: THINGS, width: WIDTH, seed: settings.seed })
  const sparks = new Sparks(Texture.EMPTY)
  // What goes wrong here does so on the stage, too, and is said there.
  const systems = new HallSystems(hall, sparks, FRAME_BUDGET_MS, () => {})
  const breaker = new Breaker({
    hall,
    sparks,
    settings: { ...settings, cut: 'main' },
    onBroken: (broken) => systems.broke(broken),
    onFailed: () => {},
  })
  for (const thing of hall.whole) breaker.strike({ thing, speed: 320 })
  let after = FRAMES_AFTER
  for (let frame = 0; frame < MOST_FRAMES && after > 0; frame++) {
    breaker.runFrame({ deltaMs: FRAME_MS, budgetMs: FRAME_BUDGET_MS })
    systems.runFrame(FRAME_MS, FRAME_MS / 1000)
    if (breaker.inFlight === 0) after--
    // What cuts into triangles is loaded meanwhile.
    await new Promise((resolve) => setTimeout(resolve))
  }
  await breaker.close()
  hall.close()
}
