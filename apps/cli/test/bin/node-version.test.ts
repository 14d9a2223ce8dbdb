import { execFileSync, spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BIN, Folder } from '../run-millrace.ts'

/** Every Node on the PATH and in the usual places that is too old. */
function oldNodes(): string[] {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']
  return [...new Set(folders.map((folder) => join(folder, 'node')))].filter((node) => {
    try {
      const version = execFileSync(node, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      return Number(version.slice(1).split('.')[0]) < 24
    } catch {
      return false
    }
  })
}

describe('on a Node that is too old', () => {
  it.each(['v20.19.0', 'v8.17.0', 'v23.11.1'])('%s: one line, exit code 1', async (version) => {
    await using folder = await Folder.with({
      'pretend.cjs': `Object.defineProperty(process, 'version', { value: '${version}' })`,
    })
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--require', folder.at('pretend.cjs'), BIN, '--version'],
      {
        encoding: 'utf8',
      },
    )
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toBe(
      `millrace needs Node 24 or later; this is ${version} (${process.execPath}). ` +
        'Install a newer one from https://nodejs.org and try again.\n',
    )
  })

  it('the same with each such Node that this machine has', () => {
    for (const node of oldNodes()) {
      const { status, stdout, stderr } = spawnSync(node, [BIN, '--version'], { encoding: 'utf8' })
      expect({ status, stdout, lines: stderr.trim().split('\n').length }).toEqual({ status: 1, stdout: '', lines: 1 })
      expect(stderr).toMatch(/^millrace needs Node 24 or later; this is v\d/)
    }
  })
})

describe('on this Node', () => {
  it('starts, by its path and with the condition set by the environment', () => {
    const { version } = JSON.parse(
      execFileSync(
        process.execPath,
        ['-p', `JSON.stringify(require(${JSON.stringify(join(BIN, '../../package.json'))}))`],
        {
          encoding: 'utf8',
        },
      ),
    ) as { version: string }
    for (const NODE_OPTIONS of ['', '--conditions=millrace-source', '-C millrace-source']) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, '--version'], {
        encoding: 'utf8',
        env: { ...process.env, NODE_OPTIONS },
      })
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
    }
  })
})
