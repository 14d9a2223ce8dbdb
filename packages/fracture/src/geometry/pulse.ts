/** Is called again and again by what may take long, with the share that is done, 0 to 1. It may throw, to end it. */
export type Pulse = (share: number) => void
