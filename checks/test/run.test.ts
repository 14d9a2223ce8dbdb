import { describe, expect, test } from 'vitest'
import { repository, runTool } from '../run-tool.ts'

describe('npm run check', () => {
  test('prints one line for a check that passes, and exits 0', async () => {
    const { code, output } = await runTool('node', ['checks/run.ts', 'imports'], repository)
    expect(output).toMatch(/^✓ imports +\d+\.\d s {2}\d+ modules in \d+ packages\n$/)
    expect(code).toBe(0)
  })

  test('exits 1 on the name of no check, and tells those there are', async () => {
    const { code, output } = await runTool('node', ['checks/run.ts', 'important'], repository)
    expect(output).toBe(
      'There is no check "important". There are: lock, biome, imports, types, knip, packages, smoke.\n',
    )
    expect(code).toBe(1)
  })
})
