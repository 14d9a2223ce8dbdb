import { expect, test } from 'vitest'
import { compareErrorCodes } from '../docs/error-codes.ts'
import { repository } from '../run-tool.ts'
import { fixture } from './fixture.ts'

test('docs/errors.md tells every error code of the sources, and no other', () => {
  expect(compareErrorCodes(repository)).toEqual([])
})

test('equal codes pass', () => {
  expect(compareErrorCodes(fixture('docs/clean'))).toEqual([])
})

test('every way to differ is told', () => {
  expect(compareErrorCodes(fixture('docs/broken'))).toEqual([
    'packages/files/src/rethrow.ts:1 creates a MillraceError whose code is no string literal',
    'docs/errors.md:5 says that GATE_CLOSED comes from "files"; it comes from "kernel"',
    'docs/errors.md:6 must say what GATE_LOST means and what to do',
    'docs/errors.md:6 tells of GATE_LOST, which nothing throws',
    'LEVEL_UNKNOWN (files) is missing in docs/errors.md',
  ])
})
