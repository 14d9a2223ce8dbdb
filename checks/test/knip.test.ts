import { describe, expect, test } from 'vitest'
import { knip } from '../knip.ts'
import { copyOfFixture } from './fixture.ts'

describe('knip', () => {
  test('passes where all is used', async () => {
    expect((await knip(copyOfFixture('knip/clean'))).problems).toEqual([])
  })

  test('fails on an unused file, export and dependency', async () => {
    const { problems } = await knip(copyOfFixture('knip/broken'))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/Unused files \(1\)\npackages\/files\/src\/orphan\.ts/)
    expect(problems[0]).toMatch(/Unused dependencies \(1\)\nleft-behind/)
    expect(problems[0]).toMatch(/Unused exports \(1\)\nforgotten/)
  })
})
