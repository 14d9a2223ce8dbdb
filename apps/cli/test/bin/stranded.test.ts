import { expect, it } from 'vitest'
import { Folder, runMillrace } from '../run-millrace.ts'

it('a command that waits for what never comes says so, and does not look like one that is done', {
  timeout: 90_000,
}, async () => {
  await using folder = await Folder.with({
    'tree/a.txt': '',
    'millrace.config.js': 'await new Promise(() => {})\nexport default {}\n',
  })
  const { code, stdout, stderr } = await runMillrace(folder.path, ['files', 'run', 'tree'])
  expect([code, stdout]).toEqual([3, ''])
  expect(stderr).toMatch(/^millrace: The command waits for something that never comes.*\(COMMAND_STRANDED\)\n$/)
})
