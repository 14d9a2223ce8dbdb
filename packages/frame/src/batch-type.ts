/** The lanes that a {@link BatchController} has unless it is given others, the most urgent first. */
export const BatchType = {
  Transform: 'Transform',
  Visibility: 'Visibility',
  Physics: 'Physics',
  LOD: 'LOD',
  AI: 'AI',
} as const

export type BatchType = (typeof BatchType)[keyof typeof BatchType]
