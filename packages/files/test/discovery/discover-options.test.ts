import { MillraceError } from '@millrace/kernel'
import { expect, test } from 'vitest'
import { checkDiscoverOptions, WALK_DEFAULTS } from '../../src/discovery/discover-options.ts'
import type { DiscoverOptions } from '../../src/discovery/discovery.ts'

test('an option left out has its default', () => {
  expect(checkDiscoverOptions({})).toEqual(WALK_DEFAULTS)
  expect(checkDiscoverOptions({ hidden: true, signal: AbortSignal.timeout(1) })).toEqual({
    ...WALK_DEFAULTS,
    hidden: true,
  })
})

test.each([
  [{ include: '*.ts' }, 'include must be an array of globs, not "*.ts"'],
  [{ include: [7] }, 'not 7'],
  [{ exclude: [''] }, 'exclude must be an array of globs, each a string that is not empty, not ""'],
  [{ exclude: ['!src'] }, 'write "src" into include'],
  [{ include: ['!*.ts'] }, 'write "*.ts" into exclude'],
  [
    { include: ['src/[a'] },
    'the glob "src/[a" of include has a [ that is never closed; write \\[ where it means itself',
  ],
  [{ include: ['*.ts', '{a,b'] }, 'the glob "{a,b" of include has a { that is never closed'],
  [{ exclude: ['*.ts)'] }, 'the glob "*.ts)" of exclude has a ) that closes nothing; write \\) where it means itself'],
  [{ include: ['[z-a].ts'] }, 'the glob "[z-a].ts" of include matches no name'],
  [{ include: ['src\\'] }, 'ends in a \\; write / between folders'],
  [{ include: ['x'.repeat(70_000)] }, `${'x'.repeat(80)}…" of include has 70,000 characters, and 65,536 are the most`],
  [{ hidden: 1 }, 'hidden must be true or false, not 1'],
  [{ signal: {} }, 'signal must be an AbortSignal'],
  [{ includes: ['*.ts'] }, 'there are include, exclude, hidden, vendor, gitignore, followSymlinks, signal'],
  [null, 'options must be an object, not null'],
])('%o is refused', (options, message) => {
  const check = () => checkDiscoverOptions(options as unknown as DiscoverOptions)
  expect(check).toThrow(MillraceError)
  expect(check).toThrow(message)
  expect(check).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
})
