import type { ChaosReport } from '@millrace/files/chaos'
import { expect, it } from 'vitest'
import { chaosReport } from '../../src/summary/chaos-report.ts'
import { createStyle } from '../../src/text/style.ts'
import { displayWidth } from '../../src/text/width.ts'

const view = {
  width: 72,
  style: createStyle({ color: false, unicode: true }),
  pathOf: (path: string) => path.replace('/work/', ''),
  replayCommand: 'millrace files chaos src --processor ./mine.ts --seed 42',
}
const sound: ChaosReport = {
  verdict: 'sound',
  seed: 42,
  root: '/work/src',
  processors: ['mine@1'],
  files: 400,
  found: 1400,
  unreadable: [],
  starts: 10,
  disturbances: [
    { kind: 'kill-engine', planned: 4, made: 4 },
    { kind: 'kill-worker', planned: 8, made: 7 },
  ],
  books: { discovered: 400, delivered: 399, quarantined: 1, excluded: 0 },
  identical: true,
  losses: [],
  faults: [],
  refused: [{ path: 'a.ts', code: 'FILE_BINARY', message: 'a.ts is binary.', damage: 'was cut to 3 of its 9 bytes' }],
  folder: null,
  seconds: 12.34,
}

it('shows a sound one, and how to see it again', () => {
  const text = chaosReport(sound, view)
  expect(text).toContain('  ✓ Nothing lost  src\n  400 of 1,400 files · 10 starts · 12.3 s\n')
  expect(text).toContain('  Engine killed   4\n  Workers killed  7  of 8; for the others there was no moment\n')
  expect(text).toContain('✓ The books balance: 400 = 399 + 1 + 0\n')
  expect(text).toContain('✓ The output is that of an undisturbed run, byte for byte\n')
  expect(text).toContain('  a.ts\n    FILE_BINARY  after it was cut to 3 of its 9 bytes\n')
  expect(text).toContain('  Seed   42\n  Again  millrace files chaos src --processor ./mine.ts --seed 42\n')
})

it('names processor, file and fault, the first of many', () => {
  const faults = Array.from({ length: 7 }, (_, n) => ({
    ...({ kind: 'not-deterministic', processor: 'mine@1', path: `src/random-${n}.ts` } as const),
    seen: 'Two undisturbed runs came to different things of the same contents.',
  }))
  const text = chaosReport({ ...sound, verdict: 'faulty', identical: false, faults }, view)
  expect(text).toContain('· Nothing lost, but the processor has faults  src\n')
  expect(text).toContain('  Faults of mine@1\n  not deterministic  src/random-0.ts\n')
  expect(text).toContain('… and 2 more (--json names them)\n')
  expect(text).toContain('· The output is that of an undisturbed run, but for files with faults\n')
  for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(view.width)
})

it('says what was lost', () => {
  const told = 'It is in the output of the disturbed run and in quarantine.'
  const losses = [{ kind: 'doubled', run: 'disturbed', path: 'b.ts\x1b[2J', told } as const]
  const text = chaosReport({ ...sound, verdict: 'lost', identical: false, losses }, view)
  expect(text).toContain('✗ Something lost')
  expect(text).toContain('✗ Not every file is in the output or in quarantine, once\n')
  expect(text).toContain('✗ The output is not that of an undisturbed run\n')
  expect(text).toContain(`  twice  b.ts\\x1b[2J\n    ${told}\n`)
})
