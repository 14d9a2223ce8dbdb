import type { QuarantineRow } from '@millrace/files'
import { expect, it } from 'vitest'
import { findQuarantined } from '../../src/job/quarantine-paths.ts'
import { readEvidence } from '../../src/job/read-evidence.ts'

const place = { cwd: '/work', root: '/work/tree' }
const rows: QuarantineRow[] = ['src/a.js', 'src/b.js'].map((path, fileId) => ({
  fileId,
  path,
  size: 1,
  code: 'FILE_BINARY',
  message: '',
  attempts: 1,
  evidence: '{}',
}))

it('finds files by the path they are listed by, and by where they are', () => {
  expect(findQuarantined(rows, ['src/a.js', 'tree/src/b.js', '/work/tree/src/b.js', './tree/src/a.js'], place)).toEqual(
    rows,
  )
})

it('names what is not in quarantine, and what was probably meant', () => {
  expect(() => findQuarantined(rows, ['src/a.jsx'], place)).toThrow(
    '"src/a.jsx" is not in quarantine. Did you mean src/a.js?',
  )
  expect(() => findQuarantined([], ['x', 'y'], place)).toThrow('"x", "y" are not in quarantine.')
})

it('reads evidence of any shape', () => {
  expect(readEvidence('{"signal":"SIGSEGV"}')).toEqual({ signal: 'SIGSEGV' })
  expect(readEvidence('[1]')).toEqual({ evidence: [1] })
  expect(readEvidence('{')).toEqual({ evidence: '{' })
})
