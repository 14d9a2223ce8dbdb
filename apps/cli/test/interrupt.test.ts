import { EventEmitter } from 'node:events'
import { VirtualClock } from '@millrace/kernel'
import { expect, it } from 'vitest'
import { listenForInterrupt } from '../src/interrupt.ts'

class Source extends EventEmitter {
  readonly exits: number[] = []
  exit(code: number): void {
    this.exits.push(code)
  }
}

function listen() {
  const source = new Source()
  const clock = new VirtualClock()
  const told: string[] = []
  const interrupt = listenForInterrupt({
    source,
    clock,
    onFirst: () => told.push('first'),
    onSecond: () => told.push('second'),
  })
  return { source, clock, interrupt, told }
}

it('drains at the first request and exits at the second', () => {
  const { source, clock, interrupt, told } = listen()
  source.emit('SIGINT')
  expect(interrupt.signal.aborted).toBe(true)
  expect(told).toEqual(['first'])
  expect(source.exits).toEqual([])
  clock.advance(1000)
  source.emit('SIGTERM')
  expect(source.exits).toEqual([130])
  expect(told).toEqual(['first', 'second'])
})

it('takes one Ctrl-C that arrives twice for one', () => {
  const { source, clock } = listen()
  source.emit('SIGINT')
  clock.advance(20)
  source.emit('SIGINT')
  expect(source.exits).toEqual([])
})

it('stops listening when it is disposed of', () => {
  const { source, interrupt } = listen()
  interrupt[Symbol.dispose]()
  expect(source.listenerCount('SIGINT') + source.listenerCount('SIGTERM')).toBe(0)
})

it('can be asked by the program itself, silently', () => {
  const { interrupt, told } = listen()
  interrupt.request()
  expect(interrupt.signal.aborted).toBe(true)
  expect(told).toEqual([])
})
