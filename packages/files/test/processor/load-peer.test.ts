import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { isInstalledForAll } from '../../src/processor/load-peer.ts'
import { temporaryFolder, writeTree } from '../tree.ts'

const LOAD_PEER = fileURLToPath(new URL('../../src/processor/load-peer.ts', import.meta.url))
const SCRIPT = `import { loadPeer } from ${JSON.stringify(pathToFileURL(LOAD_PEER).href)}
try {
  const { default: peer } = await loadPeer('made-up-peer', 'This test', () => import('made-up-peer/part'))
  console.log(peer)
} catch ({ code, message, detail }) {
  console.log(code, message, detail.command)
}
`
const peer = (text: string) => ({
  'node_modules/made-up-peer/package.json': '{"name":"made-up-peer","type":"module","exports":{"./part":"./part.js"}}',
  'node_modules/made-up-peer/part.js': `import { text } from './text.js'\nexport default text\n`,
  'node_modules/made-up-peer/text.js': `export const text = '${text}'\n`,
})

/** What a module that stands in another folder prints, run from a project. */
function ranFrom(project: string, module: string): string {
  const args = ['--conditions=millrace-source', '--no-warnings', join(module, 'script.ts')]
  return execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' }).trim()
}

test('a peer is found from where this package is, or else beside the project in the current folder', () => {
  const project = writeTree(temporaryFolder(), peer('of the project'))
  const module = writeTree(temporaryFolder(), { 'script.ts': SCRIPT, 'package.json': '{"type":"module"}' })
  expect(ranFrom(project, module)).toBe('of the project')
  writeTree(module, peer('beside the package'))
  expect(ranFrom(project, module)).toBe('beside the package')
})

test('one that is nowhere is missing, and so is one that does not load', () => {
  const project = temporaryFolder()
  const module = writeTree(temporaryFolder(), { 'script.ts': SCRIPT, 'package.json': '{"type":"module"}' })
  const told =
    'PEER_MISSING This test needs the package made-up-peer, which could not be loaded. Install it: npm install made-up-peer npm install made-up-peer'
  expect(ranFrom(project, module)).toBe(told)
  writeTree(project, { ...peer('broken'), 'node_modules/made-up-peer/text.js': 'throw new Error("no")\n' })
  expect(ranFrom(project, module)).toBe(told)
})

test('the command fits how this package was installed', () => {
  const prefix = writeTree(temporaryFolder(), { 'project/package.json': '{}' })
  const below = (folder: string) => join(prefix, folder, 'node_modules/millrace/node_modules/@millrace/files/dist/x.js')
  expect(isInstalledForAll(below('lib'))).toBe(true)
  expect(isInstalledForAll(below('project'))).toBe(false)
  expect(isInstalledForAll(LOAD_PEER)).toBe(false)
})
