import { expect, test } from 'vitest'
import { compareSpecNames } from '../docs/spec-names.ts'
import { repository } from '../run-tool.ts'
import { fixture } from './fixture.ts'

test('docs/spec-names.md maps to names that the packages export', () => {
  expect(compareSpecNames(repository)).toEqual([])
})

test('exports pass, through re-exports, renames and inheritance', () => {
  expect(compareSpecNames(fixture('docs/clean'))).toEqual([])
})

test('every way to be wrong is told', () => {
  expect(compareSpecNames(fixture('docs/broken'))).toEqual([
    'docs/spec-names.md:5 maps `BatchConfig` to BatchSettings, which no package exports',
    'docs/spec-names.md:6 maps `batch_size` to BatchConfig.size, which no package exports',
    'docs/spec-names.md:7 maps `batch_size` of files a second time; one name each',
    "docs/spec-names.md:8 needs the specification's name in backticks, has worker_count",
    'docs/spec-names.md:9 must map `memory_limit` or say why it went',
  ])
})
