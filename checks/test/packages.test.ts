import { describe, expect, test } from 'vitest'
import { publishedManifest } from '../pack.ts'
import { packages } from '../packages.ts'
import { copyOfFixture } from './fixture.ts'

describe('packages', () => {
  test('passes on a package that is right', async () => {
    expect(await packages(copyOfFixture('packages/clean'))).toEqual({ summary: '1 tarballs', problems: [] })
  })

  test.each([
    ['a type declaration that is not in the tarball', 'lost-types', /^publint house-part-1\.0\.0\.tgz.*types\.d\.ts/s],
    ['a package without types', 'untyped', /^attw house-part-1\.0\.0\.tgz found no types$/],
    ['types of another module format than the code', 'false-cjs', /^attw house-part-1\.0\.0\.tgz exited 1.*FalseCJS/s],
    ['a package that does not build', 'unbuildable', /^packages\/part: tsc .*TS2322/s],
  ])('fails on %s', async (_, name, reason) => {
    const { problems } = await packages(copyOfFixture(`packages/${name}`))
    expect(problems).toContainEqual(expect.stringMatching(reason))
  })
})

test('a published package.json has no part that means something only in the repository', () => {
  const manifest = {
    name: 'part',
    version: '1.0.0',
    scripts: { prepack: 'exit 1' },
    devDependencies: { vitest: '1.0.0' },
    exports: {
      '.': { 'millrace-source': './src/index.ts', types: './dist/index.d.ts' },
      './test/tool': { 'millrace-source': './test/tool.ts' },
    },
  }
  expect(publishedManifest(manifest)).toEqual({
    name: 'part',
    version: '1.0.0',
    exports: { '.': { types: './dist/index.d.ts' } },
  })
})
