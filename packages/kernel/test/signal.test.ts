import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { MillraceError } from '../src/errors.ts'
import { Signal, type Subscription } from '../src/signal.ts'
import { LiveSignal } from './mutants/live-signal.ts'
import { fails, holds, type Shape } from './property.ts'

/** What a listener does when it is first called: nothing, subscribe another, or unsubscribe the one of an index. */
const reaction = fc.oneof(
  fc.constant({ does: 'nothing', index: 0 }),
  fc.constant({ does: 'subscribe', index: 0 }),
  fc.record({ does: fc.constant('unsubscribe'), index: fc.nat(9) }),
)

/** Each emit is heard, in order of subscription, by those there at its start and not removed before their turn. */
const hearsWhatItShould = (makeSignal: () => Shape<Signal<number>>) =>
  fc.property(fc.array(reaction, { maxLength: 10 }), (reactions) => {
    const signal = makeSignal()
    const heard: number[] = []
    const subscriptions: Subscription[] = []
    const removed = new Set<number>()
    const subscribe = (does: string, index: number) => {
      const me = subscriptions.length
      subscriptions.push(
        signal.subscribe((round) => {
          heard.push(me)
          expect(removed.has(me)).toBe(false)
          if (round > 0) return
          if (does === 'subscribe') subscribe('nothing', 0)
          if (does === 'unsubscribe' && index < subscriptions.length) {
            subscriptions[index]!.unsubscribe()
            removed.add(index)
          }
        }),
      )
    }
    for (const { does, index } of reactions) subscribe(does, index)

    signal.emit(0)
    const atStart = reactions.map((_, index) => index)
    const missing = atStart.filter((index) => !heard.includes(index))
    expect(heard).toEqual(atStart.filter((index) => heard.includes(index)))
    for (const index of missing) expect(removed.has(index)).toBe(true)

    heard.length = 0
    signal.emit(1)
    expect(heard).toEqual(subscriptions.map((_, index) => index).filter((index) => !removed.has(index)))
    expect(signal.size).toBe(heard.length)
  })

describe('Signal', () => {
  it('tells those subscribed at the start, in order', () => holds(hearsWhatItShould(() => new Signal())))

  it('is caught when it emits over the live list', () => fails(hearsWhatItShould(() => new LiveSignal())))

  it('calls a function subscribed twice twice', () => {
    const signal = new Signal<string>()
    const listener = vi.fn()
    const first = signal.subscribe(listener)
    signal.subscribe(listener)
    signal.emit('a')
    first.unsubscribe()
    first.unsubscribe()
    signal.emit('b')
    expect(listener.mock.calls).toEqual([['a'], ['a'], ['b']])
    expect(signal.size).toBe(1)
  })

  it('unsubscribes at the end of a using block', () => {
    const signal = new Signal<string>()
    {
      using _subscription = signal.subscribe(() => expect.unreachable())
      expect(signal.size).toBe(1)
    }
    signal.emit('a')
    expect(signal.size).toBe(0)
  })

  it('lets a new listener hear events emitted after it, also from within an emit', () => {
    const signal = new Signal<number>()
    const late = vi.fn()
    signal.subscribe((value) => {
      if (value > 0) return
      signal.subscribe(late)
      signal.emit(1)
    })
    signal.emit(0)
    expect(late.mock.calls).toEqual([[1]])
  })

  it('calls the others when one throws, and says so', () => {
    const signal = new Signal<string>()
    const failure = new Error('first')
    const heard = vi.fn()
    const throwing = signal.subscribe(() => {
      throw failure
    })
    signal.subscribe(heard)
    const emit = () => signal.emit('a')
    expect(emit).toThrow(
      new MillraceError('LISTENER_FAILED', '1 of 2 listeners of a signal threw; the others were called', {
        detail: { failures: 1 },
        cause: failure,
      }),
    )
    expect(heard).toHaveBeenCalledTimes(1)

    signal.subscribe(() => {
      throw new Error('second')
    })
    expect(emit).toThrow(
      expect.objectContaining({ code: 'LISTENER_FAILED', detail: { failures: 2 }, cause: expect.any(AggregateError) }),
    )
    throwing.unsubscribe()
    expect(signal.size).toBe(2)
  })
})
