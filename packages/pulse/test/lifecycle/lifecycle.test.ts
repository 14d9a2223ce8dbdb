import { expect, test } from 'vitest'
import { effectsOf, nextOf, step } from '../../src/lifecycle/lifecycle.ts'
import { Effect, EVENT_NAMES, Event, FIRST_CODE_BIT, STATE_NAMES, type State } from '../../src/lifecycle/states.ts'
import { brokenPromises, type Step } from './promises-of.ts'

const real: Step = (state, event) => {
  const stepped = step(state, event)
  return { next: nextOf(stepped), effects: effectsOf(stepped) }
}

test('every event in every state does what is promised', () => {
  expect(brokenPromises(real)).toEqual([])
})

/** The same lifecycle, but for one cell of its table. */
function but(state: State, event: Event, cell: Partial<ReturnType<Step>>): Step {
  return (at, happens) => ({ ...real(at, happens), ...(at === state && happens === event && cell) })
}

test('no bit of an effect can be turned without breaking a promise', () => {
  const survivors: string[] = []
  const bits = [...Object.values(Effect)]
  for (const [state, stateName] of STATE_NAMES.entries()) {
    for (const [event, eventName] of EVENT_NAMES.entries()) {
      const { effects } = real(state as State, event as Event)
      for (const bit of bits) {
        const mutant = but(state as State, event as Event, { effects: effects ^ bit })
        if (brokenPromises(mutant).length === 0) survivors.push(`${stateName} ${eventName} ${bit}`)
      }
    }
  }
  expect(survivors).toEqual([])
})

test('no event can lead elsewhere without breaking a promise', () => {
  const survivors: string[] = []
  for (const [state, stateName] of STATE_NAMES.entries()) {
    for (const [event, eventName] of EVENT_NAMES.entries()) {
      for (const [next, nextName] of STATE_NAMES.entries()) {
        if (next === real(state as State, event as Event).next) continue
        const mutant = but(state as State, event as Event, { next: next as State })
        if (brokenPromises(mutant).length === 0) survivors.push(`${stateName} ${eventName} ${nextName}`)
      }
    }
  }
  expect(survivors).toEqual([])
})

test('a second intervention in an incident is in no row of the table but that of the threshold', () => {
  for (const [state] of STATE_NAMES.entries()) {
    for (const [event] of EVENT_NAMES.entries()) {
      const { effects } = real(state as State, event as Event)
      if ((effects & Effect.INTERVENE) !== 0) expect(event).toBe(Event.FAIL_ENOUGH)
    }
  }
  expect(1 << FIRST_CODE_BIT).toBe(Effect.RED)
})
