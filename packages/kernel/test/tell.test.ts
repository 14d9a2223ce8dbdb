import { afterEach, expect, it, vi } from 'vitest'
import { Signal, tell } from '../src/index.ts'

afterEach(() => vi.unstubAllGlobals())

it('tells all listeners, and leaves what they throw to the program', () => {
  const later: (() => void)[] = []
  vi.stubGlobal('queueMicrotask', (action: () => void) => later.push(action))
  const signal = new Signal<number>()
  const heard: number[] = []
  signal.subscribe(() => {
    throw new Error('mine')
  })
  signal.subscribe((value) => heard.push(value))
  tell(signal, 7)
  expect(heard).toEqual([7])
  expect(later).toHaveLength(1)
  expect(later[0]).toThrow('1 of 2 listeners')
})
