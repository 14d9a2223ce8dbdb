/** Runs the systems of a simulation, every frame as much of them as it thinks fit, and all of them for ever. */
export interface FrameContender {
  readonly name: string
  frame(): void
}

/** How much of a frame there is. */
export interface ContenderOptions {
  readonly budgetMs: number
}
