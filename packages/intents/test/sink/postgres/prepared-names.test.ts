import { expect, test } from 'vitest'
import { PreparedNames } from '../../../src/sink/postgres/prepared-names.ts'

test('names of prepared statements: the least recently used is dropped, and none is used twice', () => {
  const names = new PreparedNames(2)
  const a = names.use('a')
  expect(a).toMatchObject({ isNew: true, dropped: undefined })
  const b = names.use('b')
  expect(names.use('a')).toEqual({ name: a.name, isNew: false, dropped: undefined })
  const c = names.use('c')
  expect(c).toMatchObject({ isNew: true, dropped: b.name })
  names.forget('a')
  const again = names.use('a')
  expect(again).toMatchObject({ isNew: true, dropped: undefined })
  expect(new Set([a, b, c, again].map(({ name }) => name)).size).toBe(4)
})
