import { median, quantile } from '../harness/median.ts'
import type { LoadedWriter } from './loaded-writers.ts'
import { type Taken, watchMachine } from './machine.ts'
import { sendInTime } from './open-loop.ts'

const CAPACITY_SAMPLES = 3
const CAPACITY_MS = 300
/** So many wait or are written at any time while it is found out how many can be. */
const HELD = 4 * 857

/** In ms, of the second half: what there is to catch up with at first is over by then. */
export interface LoadWait {
  /** From when each was due until it was handed to the database. */
  readonly p50: number
  readonly p99: number
  /** From when each was due until it was sent: this process was busy or had no core. */
  readonly lateP99: number
  readonly committedP99: number
  /** A second of all of it. */
  readonly taken: Taken
}

/** Intents a second that are committed where as many wait as are wanted: the most there can be, with the same settings. */
export async function capacityOf(writer: LoadedWriter): Promise<number> {
  const rates: number[] = []
  let next = 0
  for (let sample = 0; sample < CAPACITY_SAMPLES; sample++) {
    const from = next
    const begun = performance.now()
    await until((resolve) => {
      let held = 0
      const send = () => {
        held++
        writer.send(next++)
      }
      writer.onHanded = () => {}
      writer.onCommitted = ({ length }) => {
        held -= length
        if (performance.now() - begun < CAPACITY_MS) while (held < HELD) send()
        else if (held === 0) resolve()
      }
      while (held < HELD) send()
    })
    rates.push(((next - from) * 1000) / (performance.now() - begun))
  }
  return median(rates)
}

/** Sends so many a second for so long, in time whatever becomes of them, and tells how long they wait. */
export async function waitAt(writer: LoadedWriter, rate: number, ms: number): Promise<LoadWait> {
  const count = Math.round((rate * ms) / 1000)
  const due = new Float64Array(count)
  const sent = new Float64Array(count)
  const handed = new Float64Array(count)
  const committed = new Float64Array(count)
  globalThis.gc?.()
  using machine = watchMachine()
  const begun = performance.now()
  let left = count
  await until((resolve) => {
    writer.onHanded = (numbers) => {
      const now = performance.now()
      for (const at of numbers) handed[at] = now
    }
    // Nothing is kept of each: what lives longer than its intent is the collector's work.
    writer.onCommitted = (numbers) => {
      const now = performance.now()
      for (const at of numbers) committed[at] = now
      left -= numbers.length
      if (left === 0) resolve()
    }
    const send = (at: number, time: number) => {
      due[at] = time
      sent[at] = performance.now()
      writer.send(at)
    }
    // To count turns of the event loop out would take a core from the database.
    void sendInTime({ ratePerMs: rate / 1000, count, isCoarse: true, send })
  })
  const seconds = (performance.now() - begun) / 1000
  const { coreMs, garbageMs } = machine.taken
  const settled = Math.floor(count / 2)
  const of = (times: Float64Array, share: number) =>
    quantile([...times.subarray(settled).map((time, place) => time - due[settled + place]!)], share)
  return {
    p50: of(handed, 0.5),
    p99: of(handed, 0.99),
    lateP99: of(sent, 0.99),
    committedP99: of(committed, 0.99),
    taken: { coreMs: coreMs / seconds, garbageMs: garbageMs / seconds },
  }
}

function until(start: (resolve: () => void) => void): Promise<void> {
  return new Promise(start)
}
