/** Loads a manifest into an engine, in a process of its own. Prints how long that took. */
import { createKinds, createPulse, readManifest } from '../../packages/pulse/src/index.ts'

export interface LoadingPlan {
  readonly path: string
  readonly monitors: number
}

export interface LoadingOutcome {
  /** Until it is read, and nothing else. */
  readonly readS: number
  /** Until all of it is in the engine. */
  readonly loadS: number
  /** The most memory that the process ever held. */
  readonly peakMb: number
}

const { path, monitors } = JSON.parse(process.argv[2]!) as LoadingPlan
const kinds = createKinds()
await using pulse = createPulse({ kinds })
let begun = performance.now()
const { added } = await pulse.load(readManifest(path, { kinds }))
const loadS = (performance.now() - begun) / 1000
const peakMb = process.resourceUsage().maxRSS / 1000
if (added !== monitors) throw new Error(`${added} of ${monitors} monitors were loaded`)
begun = performance.now()
for await (const _ of readManifest(path, { kinds })) {
  // Nothing is done with it.
}
const readS = (performance.now() - begun) / 1000
console.log(JSON.stringify({ readS, loadS, peakMb } satisfies LoadingOutcome))
