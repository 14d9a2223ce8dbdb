/** How an intent ended: undefined when it was committed, else the code of its error. */
export type Ended = (failure: string | undefined) => void

/** What sends intents, and hears how they end. */
export interface LoadClient {
  /** Sends the text of an intent; `ended` is called once. */
  send(intent: string, ended: Ended): void
  /** Ends all connections: what has not ended is over. */
  close(): void
}
