import { describe, expect, test } from 'vitest'
import { types } from '../types.ts'
import { fixture } from './fixture.ts'

describe('types', () => {
  test('passes on well-typed projects', async () => {
    expect(await types(fixture('types/clean'))).toEqual({ summary: '2 projects', problems: [] })
  })

  test("fails on a package's type error", async () => {
    const { problems } = await types(fixture('types/broken'))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/packages\/part\/src\/index\.ts.*TS2322/)
  })

  test('fails where there is nothing to check', async () => {
    expect((await types(fixture('types/empty'))).problems).toEqual([
      expect.stringContaining('nothing was type-checked'),
    ])
  })
})
