import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { biome } from '../biome.ts'
import { repository } from '../run-tool.ts'
import { copyOfFixture } from './fixture.ts'

/** A fixture under the repository's own rules. */
function underOurRules(name: string): string {
  const folder = copyOfFixture(name)
  for (const file of ['biome.json', '.gitignore']) cpSync(join(repository, file), join(folder, file))
  return folder
}

describe('biome', () => {
  test('passes on clean code', async () => {
    expect(await biome(underOurRules('biome/clean'))).toEqual({ summary: 'Checked 2 files', problems: [] })
  })

  test('fails on a lint error and on wrong format', async () => {
    const { problems } = await biome(underOurRules('biome/broken'))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain('lint/suspicious/noExplicitAny')
    expect(problems[0]).toMatch(/answer\.ts format/)
  })
})
