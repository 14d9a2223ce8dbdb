import { Effect, EVENT_NAMES, Event, STATE_NAMES, State } from './states.ts'

const { OPEN, CLOSE, INTERVENE, WITHDRAW, FENCE, RESET, RED, YELLOW, GREEN, CYAN, GRAY } = Effect
const { UNKNOWN, UP, DEGRADED, DOWN, NEEDED, PENDING, HELD, VERIFYING, DISABLED, MAINTENANCE, OVERDUE } = State

const RECOVERED = CLOSE | GREEN

/** By state, what each event leads to: the next state, and effects. An event that is not there changes nothing. */
const RULES: Readonly<Record<State, Partial<Record<Event, readonly [next: State, effects?: number]>>>> = {
  [UNKNOWN]: {
    [Event.WARN]: [DEGRADED, OPEN | YELLOW],
    // An incident from before a pause, of the monitor or of this process, is over too.
    [Event.PASS_ENOUGH]: [UP, RECOVERED],
    [Event.FAIL]: [DEGRADED, OPEN | YELLOW],
    [Event.FAIL_ENOUGH]: [NEEDED, OPEN | YELLOW | INTERVENE],
    [Event.FAIL_HOPELESS]: [DOWN, OPEN | RED],
    ...away(0),
  },
  [UP]: {
    [Event.WARN]: [DEGRADED, OPEN | YELLOW],
    [Event.FAIL]: [DEGRADED, OPEN | YELLOW],
    [Event.FAIL_ENOUGH]: [NEEDED, OPEN | YELLOW | INTERVENE],
    [Event.FAIL_HOPELESS]: [DOWN, OPEN | RED],
    ...away(0),
  },
  [DEGRADED]: {
    [Event.PASS_ENOUGH]: [UP, RECOVERED],
    [Event.FAIL_ENOUGH]: [NEEDED, INTERVENE],
    [Event.FAIL_HOPELESS]: [DOWN, RED],
    ...away(0),
  },
  [DOWN]: {
    [Event.WARN]: [DEGRADED, YELLOW],
    [Event.PASS_ENOUGH]: [UP, RECOVERED],
    // It could not be repaired before: while it cooled down from the last incident's repair, or flapped.
    [Event.FAIL_ENOUGH]: [NEEDED, INTERVENE],
    ...away(0),
  },
  [NEEDED]: {
    [Event.WARN]: [DEGRADED, WITHDRAW],
    [Event.PASS_ENOUGH]: [UP, RECOVERED | WITHDRAW],
    [Event.TAKEN]: [PENDING, FENCE],
    [Event.OVERDUE]: [OVERDUE, RED],
    ...away(WITHDRAW),
  },
  // Its turn still comes: that people were called is no reason not to repair it.
  [OVERDUE]: {
    [Event.WARN]: [DEGRADED, YELLOW | WITHDRAW],
    [Event.PASS_ENOUGH]: [UP, RECOVERED | WITHDRAW],
    [Event.TAKEN]: [PENDING, FENCE],
    ...away(WITHDRAW),
  },
  // It is not checked meanwhile: what a check finds in the midst of a restart says nothing.
  [PENDING]: {
    [Event.ACCEPTED]: [VERIFYING, CYAN | RESET],
    [Event.REFUSED]: [DOWN, RED | RESET],
    [Event.TIMED_OUT]: [HELD, GRAY | RESET],
    ...away(0),
  },
  [HELD]: {
    [Event.WARN]: [DEGRADED, YELLOW],
    [Event.PASS_ENOUGH]: [UP, RECOVERED],
    [Event.FAIL_ENOUGH]: [DOWN, RED],
    [Event.FAIL_HOPELESS]: [DOWN, RED],
    ...away(0),
  },
  [VERIFYING]: {
    [Event.WARN]: [DEGRADED, YELLOW],
    [Event.PASS_ENOUGH]: [UP, RECOVERED],
    [Event.FAIL]: [DOWN, RED],
    [Event.FAIL_ENOUGH]: [DOWN, RED],
    [Event.FAIL_HOPELESS]: [DOWN, RED],
    ...away(0),
  },
  [DISABLED]: {
    [Event.ENABLE]: [UNKNOWN, FENCE | RESET],
  },
  [MAINTENANCE]: {
    [Event.DISABLE]: [DISABLED, FENCE | RESET],
    [Event.RESUME]: [UNKNOWN, FENCE | RESET],
  },
}

/** A monitor that is checked leaves for a pause; the effects are what is left to do before. */
function away(effects: number) {
  return {
    [Event.DISABLE]: [DISABLED, FENCE | RESET | effects],
    [Event.MAINTAIN]: [MAINTENANCE, FENCE | RESET | effects],
  } as const
}

const STATES = STATE_NAMES.length
const EVENTS = EVENT_NAMES.length
const EFFECT_SHIFT = 8
const STATE_MASK = 0xff

/** By state and event: the next state, and the effects above it. */
const TABLE = new Uint32Array(STATES * EVENTS)
for (let state = 0 as State; state < STATES; state++) {
  for (let event = 0 as Event; event < EVENTS; event++) {
    const [next, effects = 0] = RULES[state][event] ?? [state]
    TABLE[state * EVENTS + event] = (effects << EFFECT_SHIFT) | next
  }
}

/**
 * What becomes of a monitor in `state` when `event` happens: a step, of which {@link nextOf} is the state and {@link effectsOf} what is to be done.
 *
 * Pure, total, O(1), and allocates nothing: one read of a table of 165 numbers.
 */
export function step(state: State, event: Event): number {
  return TABLE[state * EVENTS + event]!
}

export function nextOf(stepped: number): State {
  return (stepped & STATE_MASK) as State
}

/** Bits of {@link Effect}. */
export function effectsOf(stepped: number): number {
  return stepped >>> EFFECT_SHIFT
}

/** Whether monitors in this state wait for an intervention that has not begun. */
export function awaitsIntervention(state: State): boolean {
  return state === NEEDED || state === OVERDUE
}

/** Whether monitors in this state are checked. */
export function isChecked(state: State): boolean {
  return state !== PENDING && state !== DISABLED && state !== MAINTENANCE
}
