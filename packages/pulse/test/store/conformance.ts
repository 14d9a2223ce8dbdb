import { VirtualClock } from '@millrace/kernel'
import { holds, messageOf } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CODES } from '../../src/lifecycle/states.ts'
import type {
  AlertKey,
  PulseStore,
  StoreChanges,
  StoredAlert,
  StoredBeat,
  StoredMonitor,
  StoredState,
} from '../../src/store/pulse-store.ts'
import { storedAlert } from '../alerts/samples.ts'
import { changes, storedMonitor } from './samples.ts'

/** Where stores are made that have the same contents, one after the other. */
export interface StorePlace extends Disposable {
  store(clock?: VirtualClock): PulseStore
}

const name = fc.constantFrom('a', 'b', 'ü', 'c\0d', '')
const alert: fc.Arbitrary<StoredAlert> = fc
  .record({
    monitor: name,
    code: fc.constantFrom(...CODES),
    route: fc.nat(1),
    incident: fc.constantFrom(1, 2.5, 1_795_305_600_000),
    at: fc.nat(2),
    attempts: fc.constantFrom(0, 0, 1, 2),
    reason: fc.string({ unit: 'grapheme', maxLength: 5 }),
  })
  .map(storedAlert)
const monitor: fc.Arbitrary<StoredMonitor> = fc
  .record({ name, failures: fc.nat(5), silencedUntil: fc.constantFrom(0, 1.5, Number.POSITIVE_INFINITY) })
  .map(storedMonitor)
const beat = fc.record({ name, at: fc.constantFrom(0, 0, 7, 1_795_305_600_000.5) })
const someChanges: fc.Arbitrary<StoreChanges> = fc.record({
  monitors: fc.array(monitor, { maxLength: 3 }),
  forgotten: fc.array(name, { maxLength: 2 }),
  alerts: fc.array(alert, { maxLength: 3 }),
  delivered: fc.array(alert, { maxLength: 2 }),
  dead: fc.array(fc.record({ alert, error: fc.constantFrom('refused', '') }), { maxLength: 2 }),
  redriven: fc.array(fc.record({ id: fc.integer({ min: 1, max: 6 }), alert: alert.map(untried) }), { maxLength: 1 }),
  beats: fc.array(beat, { maxLength: 2 }),
  heardUntil: fc.option(fc.constantFrom(1, 2.5), { nil: undefined }),
  lastNumber: fc.nat(5),
})

function untried(alert: StoredAlert): StoredAlert {
  return { ...alert, attempts: 0 }
}

/** The property that what a store has after commits, some at once, and after it was opened again, is what the changes say. */
export function storeProperty(place: () => StorePlace) {
  return fc.asyncProperty(fc.array(fc.array(someChanges, { maxLength: 4 }), { maxLength: 3 }), async (sessions) => {
    using here = place()
    const expected = new ExpectedState()
    for (const commits of sessions) {
      await using store = here.store()
      expect(sorted(await store.open())).toEqual(expected.state())
      for (const each of commits) expected.apply(each)
      await Promise.all(commits.map((each) => store.commit(each)))
      expect((await store.deadLetters(1000)).map(({ id, alert, error }) => ({ id, alert, error }))).toEqual(
        expected.dead,
      )
    }
    await using store = here.store()
    expect(sorted(await store.open())).toEqual(expected.state())
  })
}

/** What holds of every store. */
export function storeConformance(place: () => StorePlace, numRuns = 60): void {
  it('has what was kept, in its order, after any changes', async () => {
    await holds(storeProperty(place), numRuns)
  })

  it('begins with nothing, and lists dead letters, the newest first, as of when they died', async () => {
    using here = place()
    const clock = new VirtualClock({ wallNow: 500 })
    await using store = here.store(clock)
    expect(await store.open()).toEqual({ monitors: [], alerts: [], beats: [], heardUntil: 0, lastNumber: 0 })
    for (const error of ['one', 'two', 'three']) {
      clock.advance(1)
      await store.commit(changes({ dead: [{ alert: storedAlert({ attempts: 10 }), error }] }))
    }
    expect(await store.deadLetters(2)).toEqual([
      { id: 3, alert: storedAlert({ attempts: 10 }), error: 'three', at: 503 },
      { id: 2, alert: storedAlert({ attempts: 10 }), error: 'two', at: 502 },
    ])
  })

  it('keeps the last ten thousand dead letters', async () => {
    using here = place()
    await using store = here.store()
    await store.open()
    for (let part = 0; part < 12; part++) {
      const dead = Array.from({ length: 1000 }, (_, index) => ({
        alert: storedAlert({ at: part * 1000 + index }),
        error: '',
      }))
      await store.commit(changes({ dead }))
    }
    const letters = await store.deadLetters(20_000)
    expect([letters.length, letters[0]?.alert.at, letters.at(-1)?.alert.at]).toEqual([10_000, 11_999, 2000])
  })

  it('serves one at a time, and nobody before or after', async () => {
    using here = place()
    const store = here.store()
    await messageOf('STORE_CLOSED', () => store.commit(changes({})))
    await messageOf('STORE_CLOSED', () => store.deadLetters(1))
    await store.open()
    await messageOf('STORE_BUSY', () => here.store().open())
    await store[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
    await messageOf('STORE_CLOSED', () => store.commit(changes({})))
    await messageOf('STORE_CLOSED', () => store.deadLetters(1))
  })
}

/** What a store should have, as plainly as can be. */
class ExpectedState {
  #monitors: StoredMonitor[] = []
  #alerts: StoredAlert[] = []
  /** The newest first. */
  dead: { id: number; alert: StoredAlert; error: string }[] = []
  #lastLetter = 0
  #beats: readonly StoredBeat[] = []
  #heardUntil = 0
  #lastNumber = 0

  apply(changes: StoreChanges): void {
    const { monitors, forgotten, alerts, delivered, dead, redriven, beats, heardUntil, lastNumber } = changes
    this.#monitors = this.#monitors.filter(({ name }) => !forgotten.includes(name))
    for (const monitor of monitors) {
      this.#monitors = [...this.#monitors.filter(({ name }) => name !== monitor.name), monitor]
    }
    for (const key of delivered) this.#alerts = this.#alerts.filter((other) => !isOfKey(other, key))
    for (const { alert, error } of dead) {
      this.#alerts = this.#alerts.filter((other) => !isThat(other, alert))
      this.dead.unshift({ id: ++this.#lastLetter, alert, error })
    }
    for (const alert of alerts) this.#keep(alert)
    for (const { id, alert } of redriven) {
      this.dead = this.dead.filter((letter) => letter.id !== id)
      this.#keep(alert)
    }
    for (const beat of beats) {
      const others = this.#beats.filter(({ name }) => name !== beat.name)
      this.#beats = beat.at === 0 ? others : [...others, beat]
    }
    this.#heardUntil = heardUntil ?? this.#heardUntil
    this.#lastNumber = Math.max(this.#lastNumber, lastNumber)
  }

  #keep(alert: StoredAlert): void {
    const same = this.#alerts.findIndex((other) => isThat(other, alert))
    if (alert.attempts > 0 && same !== -1) this.#alerts[same] = { ...this.#alerts[same]!, attempts: alert.attempts }
    if (alert.attempts > 0 || same !== -1) return
    this.#alerts = [...this.#alerts.filter((other) => !isOfKey(other, alert)), alert]
  }

  state(): StoredState {
    return sorted({
      ...{ monitors: this.#monitors, alerts: this.#alerts, beats: this.#beats },
      ...{ heardUntil: this.#heardUntil, lastNumber: this.#lastNumber },
    })
  }
}

function sorted({ monitors, alerts, beats, ...rest }: StoredState): StoredState {
  const byName = (a: { readonly name: string }, b: { readonly name: string }) => (a.name < b.name ? -1 : 1)
  return { monitors: [...monitors].sort(byName), alerts: [...alerts], beats: [...beats].sort(byName), ...rest }
}

function isOfKey(a: StoredAlert, b: AlertKey): boolean {
  return a.monitor === b.monitor && a.code === b.code && a.route === b.route && a.incident === b.incident
}

function isThat(a: StoredAlert, b: StoredAlert): boolean {
  return isOfKey(a, b) && a.number === b.number
}
