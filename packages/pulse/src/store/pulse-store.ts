import type { Code, State } from '../lifecycle/states.ts'

/** What outlives the process, of a monitor of which there is something to remember: most have none. */
export interface StoredMonitor {
  readonly name: string
  readonly state: State
  /** Bits of `Flag`. */
  readonly flags: number
  /** Of its checks. */
  readonly generation: number
  /** What its manifest said, as a number: of another, little of this is still so. */
  readonly said: number
  /** When this was so, in ms since 1970, as all times here; 0 if never. What came before it did so by the same clock: how long before is certain, whatever clock is there by now. */
  readonly keptAt: number
  readonly incidentAt: number
  /** What the incident is known by; 0 if there was none. */
  readonly incident: number
  readonly neededAt: number
  readonly interventionAt: number
  readonly alertAt: number
  readonly silencedUntil: number
  /** The last results, as `remember` has them. */
  readonly history: number
  readonly failures: number
  readonly passes: number
  /** The colour told last, from 1 in the order of `CODES`; 0 if nobody was told anything since the last green. */
  readonly told: number
  readonly reason: string
}

/** An alert that has not been delivered. One per monitor, incident, colour and route: a second one takes the place of the first. */
export interface StoredAlert {
  readonly monitor: string
  readonly code: Code
  /** Where it goes: {@link routeId} of one of the code's routes. */
  readonly route: number
  /** What people call that: its endpoint, or its type. */
  readonly channel: string
  readonly incident: number
  /** The same in all places it goes to, and no other alert's. */
  readonly number: number
  readonly state: State
  readonly reason: string
  readonly at: number
  readonly since: number
  /** From when it is old: when it happened, or was to be delivered after all. */
  readonly askedAt: number
  readonly attempts: number
}

/** What changed, to be kept as a whole or not at all. */
export interface StoreChanges {
  readonly monitors: readonly StoredMonitor[]
  /** Names of monitors of which there is nothing to remember any more. */
  readonly forgotten: readonly string[]
  /** To be delivered. One that was tried (`attempts` above 0) is kept only if it is still the one there is. */
  readonly alerts: readonly StoredAlert[]
  /** Delivered: not there any more. */
  readonly delivered: readonly AlertKey[]
  /** Alerts that will not be delivered, and why: kept as dead letters, and not there any more unless a newer one has taken their place. */
  readonly dead: readonly { readonly alert: StoredAlert; readonly error: string }[]
  /** Dead letters, by their numbers, that are to be delivered after all: they are alerts again, with no attempts. */
  readonly redriven: readonly { readonly id: number; readonly alert: StoredAlert }[]
  /** When services called last. 0 for one that nobody waits for any more. */
  readonly beats: readonly StoredBeat[]
  /** Until then all that was heard is kept; undefined if there is nothing new. */
  readonly heardUntil: number | undefined
  /** The last number that was given to anything. */
  readonly lastNumber: number
}

/** When a service called last. */
export interface StoredBeat {
  readonly name: string
  readonly at: number
}

export type AlertKey = Pick<StoredAlert, 'monitor' | 'code' | 'route' | 'incident'>

export interface StoredState {
  readonly monitors: readonly StoredMonitor[]
  /** In the order in which they were kept. */
  readonly alerts: readonly StoredAlert[]
  readonly beats: readonly StoredBeat[]
  /** 0 if nothing was heard. */
  readonly heardUntil: number
  readonly lastNumber: number
}

/** An alert that was not delivered. */
export interface DeadLetter {
  /** Of its own among all of a store. */
  readonly id: number
  readonly alert: StoredAlert
  readonly error: string
  /** When it was given up, in ms since 1970. */
  readonly at: number
}

/** Where the state of monitors outlives the process. One process at a time has it. */
export interface PulseStore extends AsyncDisposable {
  /** @throws {MillraceError} `STORE_BUSY` if another process has it, `STORE_UNREADABLE` if it is not one of ours. */
  open(): Promise<StoredState>
  /**
   * Resolves once it is durable. Calls are kept in their order; within one, what is over goes before what is new.
   * @throws {MillraceError} `STORE_FAILED` if it could not be kept: nothing of it is. `STORE_CLOSED`.
   */
  commit(changes: StoreChanges): Promise<void>
  /** The last dead letters, the newest first. */
  deadLetters(limit: number): Promise<readonly DeadLetter[]>
}
