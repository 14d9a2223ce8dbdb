import { MillraceError } from '@millrace/kernel'
import { expect, it } from 'vitest'
import { type Ending, exitCodeOf } from '../src/exit-code.ts'

const finished: Ending = { kind: 'finished', interrupted: false, balanced: true, quarantined: 0 }
const refused = new MillraceError('ROOT_MISSING', 'There is no folder.')

it.each<[string, Ending, number]>([
  ['all delivered', finished, 0],
  ['some quarantined', { ...finished, quarantined: 2 }, 2],
  ['the books do not balance', { ...finished, quarantined: 2, balanced: false }, 3],
  ['interrupted', { ...finished, interrupted: true, balanced: false, quarantined: 2 }, 130],
  ['refused at the door', { kind: 'failed', error: refused, jobStarted: false }, 1],
  ['broken off', { kind: 'failed', error: refused, jobStarted: true }, 3],
  ['a fault of ours', { kind: 'failed', error: new TypeError('x is not a function'), jobStarted: false }, 3],
])('%s', (_, ending, code) => expect(exitCodeOf(ending)).toBe(code))
