declare const types: unique symbol

/** Names a registered system of one controller; {@link SystemId.index} names it to other threads. */
export interface SystemId<Input = void, Output = unknown> {
  /** Unique within its controller, and never given to another system. */
  readonly index: number
  readonly name: string
  /** Only there for the types of the jobs. */
  readonly [types]?: (input: Input) => Output
}
