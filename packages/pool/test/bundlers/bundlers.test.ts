import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { holds, promisesIn } from '../conformance/conformance.ts'
import { HostPlace } from '../conformance/place.ts'
import { bundleWithEsbuild, bundleWithVite, bundleWorkerForNode } from './bundle.ts'

/** An import of Node's, in any form; the pool asks for them by name at run time, which is none. */
const OF_NODE = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'`]node:/

it.each([
  { bundler: 'Vite', bundle: bundleWithVite },
  { bundler: 'esbuild', bundle: bundleWithEsbuild },
])('$bundler makes a page and a worker of the sources, without imports of Node', async ({ bundle }) => {
  const built = await bundle()
  expect(built.size).toBe(2)
  for (const code of built.values()) {
    expect(code).not.toMatch(OF_NODE)
    expect(code).not.toContain('__vite-browser-external')
  }
})

it('would see an import of Node', () => {
  for (const code of ["import{a}from'node:fs'", 'import "node:fs"', 'await import(`node:fs`)', 'require("node:fs")']) {
    expect(code).toMatch(OF_NODE)
  }
})

describe('a worker bundled for Node', () => {
  let folder: string
  let place: HostPlace
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-bundle-'))
    const entry = join(folder, 'worker.mjs')
    await bundleWorkerForNode(entry)
    const worker = () => new Worker(entry)
    place = new HostPlace('shared memory', { worker, missing: worker })
  })
  afterAll(async () => {
    await place?.close()
    await rm(folder, { recursive: true })
  })

  it.each(promisesIn('shared memory').filter((name) => /same bytes|in which a worker ends/.test(name)))('%s', (name) =>
    holds(name, place),
  )
})
