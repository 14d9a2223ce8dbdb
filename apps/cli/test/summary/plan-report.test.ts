import { planCluster } from '@millrace/files'
import { expect, test } from 'vitest'
import { planReport } from '../../src/summary/plan-report.ts'
import { styleFor } from '../../src/text/style.ts'
import { displayWidth } from '../../src/text/width.ts'

const style = styleFor({ stream: { isTTY: false }, env: {} })
const plan = planCluster({ files: 50_000_000, workers: 200, msPerFile: 50 })

test('a table that fits: first what follows from the rest gives way', () => {
  const [wide, narrow] = [100, 80].map((width) => planReport(plan, undefined, { style, width }))
  expect(wide).toMatch(/WORKERS +TAKES +FILES\/S +SPEED-UP +BUSY +POSTGRES +COORDINATOR +WAITS FOR\n/)
  expect(narrow).toMatch(/WORKERS +TAKES +SPEED-UP +BUSY +POSTGRES +COORDINATOR +WAITS FOR\n/)
  for (const line of narrow!.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(80)
})
