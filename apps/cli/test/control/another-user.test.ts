import { spawnSync } from 'node:child_process'
import { chmod, mkdir } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { BIN, Folder } from '../run-millrace.ts'

/** Root may everything: it asks as nobody. Others take from themselves what another user would not have. */
const asAnother = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

function millraceAs(cwd: string, args: readonly string[]) {
  return spawnSync(process.execPath, [BIN, ...args], {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
    env: { NODE_OPTIONS: '--conditions=millrace-source --max-semi-space-size=16' },
    ...asAnother,
  })
}

/** Whether another user gets as far as to this command at all. */
const noOther = process.platform === 'win32' || millraceAs('/', ['--version']).status !== 0

it.skipIf(noOther)('a state folder that is closed to this user is told as that', { timeout: 90_000 }, async () => {
  await using folder = await Folder.with()
  await chmod(folder.path, 0o755)
  await mkdir(folder.at('state'), { mode: 0o000 })
  const { status, stderr } = millraceAs(folder.path, ['files', 'pause', '--state', 'state'])
  await chmod(folder.at('state'), 0o755)
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/^millrace: .*the folder \S+\/state is closed to this user\. .*\(CONTROL_FAILED\)\n$/),
  ])
})
