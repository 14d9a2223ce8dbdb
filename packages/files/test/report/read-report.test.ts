import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { readReport } from '../../src/report/report-data.ts'
import { writeReport } from '../../src/report/write-report.ts'
import {
  byStamp,
  checkpoint,
  chunk,
  delivery,
  found,
  jobSpec,
  owner,
  quarantined,
  temporaryFolder,
} from '../ledger/samples.ts'

/** Records of three processors, of which one says nothing of what a report shows. */
const RECORDS = [
  {
    path: 'a/one.ts',
    language: 'typescript',
    bytes: 300,
    lines: 10,
    complexity: 4,
    imports: [{ from: './x.ts' }, { from: './x.ts' }, { from: 'y' }],
    functions: [
      { name: 'f', line: 3, complexity: 4 },
      { name: null, line: null, complexity: 1 },
    ],
  },
  {
    path: 'a/z/two.css',
    language: 'css',
    bytes: 100,
    lines: 5,
    complexity: null,
    imports: [{ from: '../x.ts' }, null, 7],
  },
  { path: 'b.txt', todos: 5, bytes: 'many', imports: 'none', functions: { name: 'odd' } },
]

test('a job is read as it stands in the ledger', async () => {
  using folder = temporaryFolder()
  const ledger = await openLedger(join(folder.path, 'state'))
  await ledger.tryOwn()
  const jobId = await ledger.enqueueJob(jobSpec)
  await ledger.startJob(jobId, owner, 0)
  const files = [...RECORDS.map(({ path }, at) => found(at, { path })), found(3, { path: 'c.bin' })]
  const excluded = [{ path: '.hidden', reason: 'hidden' as const }]
  const { pending } = await ledger.meetFiles(jobId, chunk(files, excluded), byStamp)
  const deliveries = pending
    .slice(0, 3)
    .map(({ fileId }, at) => delivery(fileId, { record: JSON.stringify(RECORDS[at]), ms: 10 * (at + 1) }))
  await ledger.commit(jobId, checkpoint(1, { deliveries, quarantined: [quarantined(pending[3]!.fileId)] }))
  const job = (await ledger.jobs()).find((row) => row.jobId === jobId)!

  const data = await readReport(ledger, job)
  expect(data).toMatchObject({
    jobId,
    books: { discovered: 5, delivered: 3, quarantined: 1, excluded: 1 },
    balanced: true,
    languages: [
      { language: 'typescript', files: 1, bytes: 300, lines: 10 },
      { language: 'css', files: 1, bytes: 100, lines: 5 },
      { language: 'other', files: 1, bytes: 0, lines: 0 },
    ],
    tree: { files: 3, bytes: 400, lines: 15, complexity: 4 },
    imports: [
      { from: 'a/x.ts', files: 2 },
      { from: 'y', files: 1 },
    ],
    functions: [
      { path: 'a/one.ts', name: 'f', line: 3, complexity: 4 },
      { path: 'a/one.ts', name: '(anonymous)', line: null, complexity: 1 },
    ],
    quarantine: [{ path: 'c.bin', code: 'FILE_BINARY', message: 'It is binary.' }],
    quarantineCodes: [{ code: 'FILE_BINARY', files: 1 }],
    exclusions: [{ reason: 'hidden', files: 1 }],
  })
  expect(data.slowest.map(({ path }) => path)).toEqual(['b.txt', 'a/z/two.css', 'a/one.ts'])
  expect(data.largest.map(({ path }) => path)).toEqual(['a/one.ts', 'a/z/two.css', 'b.txt'])

  const out = join(folder.path, 'pages', 'report.html')
  const bytes = await writeReport(ledger, job, out)
  expect(readFileSync(out)).toHaveLength(bytes)
  await expect(writeReport(ledger, job, folder.path)).rejects.toMatchObject({ code: 'OUT_UNWRITABLE' })
  await ledger.close()
})
