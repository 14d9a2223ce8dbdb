/** So many results are remembered. */
const REMEMBERED = 21
const MASK = (1 << REMEMBERED) - 1

/** How much of what can change did, in percent, from which a monitor counts as flapping, and below which it no longer does. */
export interface FlapThresholds {
  readonly high: number
  readonly low: number
}

/** Half of all results have to be changes, and a quarter has to be left of them: later than Nagios' 30 and 20, whose changes are weighted. */
export const FLAP_THRESHOLDS: FlapThresholds = { high: 50, low: 25 }

/** The history with one more result, the latest in bit 0; a 1 is a failure. Never more than {@link REMEMBERED} bits. */
export function remember(history: number, hasFailed: boolean): number {
  return ((history << 1) | (hasFailed ? 1 : 0)) & MASK
}

/** How many of the twenty changes between results were changes, in percent: 0 to 100. */
export function changePercent(history: number): number {
  return (bitCount((history ^ (history >>> 1)) & (MASK >>> 1)) / (REMEMBERED - 1)) * 100
}

/** Whether it flaps, given whether it did: with hysteresis, so that it does not flap between the two itself. */
export function isFlapping(history: number, wasFlapping: boolean, { high, low }: FlapThresholds): boolean {
  const percent = changePercent(history)
  return wasFlapping ? percent >= low : percent >= high
}

function bitCount(bits: number): number {
  let v = bits - ((bits >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return (Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24) & 0xff
}
