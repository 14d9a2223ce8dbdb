import { BatchType } from '@millrace/frame'

interface Lane {
  readonly type: BatchType
  /** Its share of the budget under the policy `shared`. */
  readonly weight: number
  readonly colour: string
}

/** The lanes, the most urgent first. */
export const LANES: readonly Lane[] = [
  { type: BatchType.Transform, weight: 4, colour: '#4cc9f0' },
  { type: BatchType.Visibility, weight: 1, colour: '#52d6a4' },
  { type: BatchType.Physics, weight: 3, colour: '#f4b860' },
  { type: BatchType.LOD, weight: 1, colour: '#b79cf2' },
  { type: BatchType.AI, weight: 2, colour: '#f2798f' },
]

/** Stands for what is in no lane: scheduling, mostly. */
export const OTHER_COLOUR = '#5b6b78'
export const OVER_COLOUR = '#ff5c5c'
