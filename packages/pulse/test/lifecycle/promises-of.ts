import { isChecked } from '../../src/lifecycle/lifecycle.ts'
import { CODES, Effect, EVENT_NAMES, Event, FIRST_CODE_BIT, STATE_NAMES, State } from '../../src/lifecycle/states.ts'
import { colourOf, isWay } from '../../src/simulate/promises.ts'

export type Step = (state: State, event: Event) => { readonly next: State; readonly effects: number }

const STATES = STATE_NAMES.map((_, state) => state as State)
const EVENTS = EVENT_NAMES.map((_, event) => event as Event)
const CHECKS: readonly Event[] = [
  Event.PASS,
  Event.PASS_ENOUGH,
  Event.FAIL,
  Event.FAIL_ENOUGH,
  Event.FAIL_HOPELESS,
  Event.WARN,
]
const ALL_COLOURS = CODES.reduce((bits, _, code) => bits | (1 << (FIRST_CODE_BIT + code)), 0)
/** Events that mean something in few states only. */
const ONLY_IN: ReadonlyMap<Event, readonly State[]> = new Map<Event, readonly State[]>([
  [Event.OVERDUE, [State.NEEDED]],
  [Event.TAKEN, [State.NEEDED, State.OVERDUE]],
  [Event.ACCEPTED, [State.PENDING]],
  [Event.REFUSED, [State.PENDING]],
  [Event.TIMED_OUT, [State.PENDING]],
  [Event.ENABLE, [State.DISABLED]],
  [Event.RESUME, [State.MAINTENANCE]],
])
/** Where an event leads to, from wherever it leads away. */
const LEADS_TO: ReadonlyMap<Event, readonly State[]> = new Map<Event, readonly State[]>([
  [Event.PASS, [State.UP]],
  [Event.PASS_ENOUGH, [State.UP]],
  [Event.FAIL, [State.DEGRADED, State.DOWN]],
  [Event.FAIL_ENOUGH, [State.NEEDED, State.DOWN]],
  [Event.FAIL_HOPELESS, [State.DOWN]],
  [Event.WARN, [State.DEGRADED]],
  [Event.TAKEN, [State.PENDING]],
  [Event.ACCEPTED, [State.VERIFYING]],
  [Event.REFUSED, [State.DOWN]],
  [Event.TIMED_OUT, [State.HELD]],
  [Event.DISABLE, [State.DISABLED]],
  [Event.ENABLE, [State.UNKNOWN]],
  [Event.MAINTAIN, [State.MAINTENANCE]],
  [Event.RESUME, [State.UNKNOWN]],
  [Event.OVERDUE, [State.OVERDUE]],
])
/** Events that lead away from every state in which monitors are checked; those in which they do nothing are said. */
const ALWAYS: ReadonlyMap<Event, readonly State[]> = new Map<Event, readonly State[]>([
  [Event.PASS_ENOUGH, [State.UP]],
  [Event.FAIL_HOPELESS, [State.DOWN, State.NEEDED, State.OVERDUE]],
  [Event.FAIL_ENOUGH, [State.DOWN, State.NEEDED, State.OVERDUE]],
  [Event.WARN, [State.DEGRADED]],
  [Event.DISABLE, []],
  [Event.MAINTAIN, []],
])

/** All states and events of a lifecycle, held against what is promised of it: what it breaks, a line each. */
export function brokenPromises(step: Step): string[] {
  const broken: string[] = []
  for (const state of STATES) {
    for (const event of EVENTS) {
      const { next, effects } = step(state, event)
      const say = (isKept: boolean, promise: string) => {
        if (!isKept) broken.push(`${STATE_NAMES[state]}, ${EVENT_NAMES[event]}: ${promise}`)
      }
      const colours = effects & ALL_COLOURS
      const colour = colours === 0 ? undefined : CODES[31 - Math.clz32(colours) - FIRST_CODE_BIT]
      const has = (effect: number) => (effects & effect) !== 0
      if (next === state) {
        say(effects === 0, 'what changes nothing does nothing')
        say(ONLY_IN.get(event)?.includes(state) !== true, 'it leads away')
        const idle = ALWAYS.get(event)
        say(!isChecked(state) || idle === undefined || idle.includes(state), 'it leads away')
        if (state === State.PENDING) say(event !== Event.DISABLE && event !== Event.MAINTAIN, 'it leads away')
        continue
      }
      say(isWay(state, next), 'there is such a way')
      say(LEADS_TO.get(event)!.includes(next), 'the event leads there')
      say(ONLY_IN.get(event)?.includes(state) !== false, 'the event means something there')
      say(!CHECKS.includes(event) || isChecked(state), 'only what is checked has results')
      say((colours & (colours - 1)) === 0, 'one colour at most')
      say(colour === colourOf(state, next), 'it is told in its colour')
      say(has(Effect.INTERVENE) === (next === State.NEEDED), 'an intervention is asked for where it is needed')
      say(
        has(Effect.WITHDRAW) === (isAsked(state) && next !== State.PENDING && next !== State.OVERDUE),
        'and withdrawn where it is needed no more',
      )
      say(has(Effect.CLOSE) === (next === State.UP), 'an incident ends where all is well')
      const begins = (state === State.UNKNOWN || state === State.UP) && isIll(next)
      say(has(Effect.OPEN) === begins, 'an incident begins where anything is wrong')
      say(
        has(Effect.FENCE) === (!isChecked(next) || (!isChecked(state) && state !== State.PENDING)),
        'the past is fenced off',
      )
      const isReset = has(Effect.FENCE) ? next !== State.PENDING : state === State.PENDING
      say(has(Effect.RESET) === isReset, 'streaks begin anew after what nobody saw')
    }
  }
  if (broken.length > 0) return broken
  for (const state of STATES) {
    if (!reachableFrom(step, state).has(State.UP)) broken.push(`${STATE_NAMES[state]}: it can be up again`)
    if (!reachableFrom(step, State.UNKNOWN).has(state)) broken.push(`${STATE_NAMES[state]}: it can be reached`)
  }
  return broken
}

function isAsked(state: State): boolean {
  return state === State.NEEDED || state === State.OVERDUE
}

function isIll(state: State): boolean {
  return state === State.DEGRADED || state === State.DOWN || state === State.NEEDED
}

function reachableFrom(step: Step, first: State): ReadonlySet<State> {
  const reached = new Set([first])
  for (const state of reached) for (const event of EVENTS) reached.add(step(state, event).next)
  return reached
}
