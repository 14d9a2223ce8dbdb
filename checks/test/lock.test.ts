import { describe, expect, test } from 'vitest'
import { lock } from '../lock.ts'
import { fixture } from './fixture.ts'

describe('lock', () => {
  test('passes where every optional package has an entry, here or above', async () => {
    expect(await lock(fixture('lock/clean'))).toEqual({ summary: 'package-lock.json', problems: [] })
  })

  test('fails where one is left out, and names it', async () => {
    const { problems } = await lock(fixture('lock/broken'))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/no entry node_modules\/tool-darwin-arm64 \(1\.0\.0\)/)
  })

  test('fails where there is no lockfile to read', async () => {
    expect((await lock(fixture('biome/clean'))).problems).toEqual(['there is no lockfile'])
  })
})
