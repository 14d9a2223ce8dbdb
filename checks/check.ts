/** What a check looked at and what it found wrong. */
export interface Outcome {
  /** What was looked at, counted: a check that read nothing must show it. */
  readonly summary: string
  /** Each thing that is wrong, as a person wants to read it. None means that the check passed. */
  readonly problems: readonly string[]
}

/**
 * One check of a repository. `root` is the folder to look at: this repository, or a fixture on which the check must fail.
 */
export type Check = (root: string) => Promise<Outcome>
