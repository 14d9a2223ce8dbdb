import { FolderTree } from '../../src/report/folder-tree.ts'
import type { ReportData } from '../../src/report/report-data.ts'

/** Names that are markup where they are not taken as text. */
export const HOSTILE = {
  path: 'src/<script>alert(1)</script>.ts',
  folder: '"><img src=x onerror=alert(2)>',
  message: 'it says </script><script>alert(3)</script> <!-- and \u2028 ends a line',
} as const

/** A report of a made-up tree. */
export function sampleReport(files = 200): ReportData {
  const tree = new FolderTree()
  let bytes = 0
  for (let at = 0; at < files; at++) {
    const size = 200 + ((at * 7919) % 40_000)
    const sums = { bytes: size, lines: Math.ceil(size / 30), complexity: (at * 31) % 97 }
    bytes += size
    tree.add(`packages/part-${at % 23}/src/folder-${at % 211}/file ${at}.ts`, sums)
  }
  tree.add(HOSTILE.path, { bytes: 90_000, lines: 300, complexity: 50 })
  tree.add(`${HOSTILE.folder}/inside.ts`, { bytes: 80_000, lines: 300, complexity: 5 })
  const all = files + 2
  return {
    root: '/home/me/</title><script>alert(4)</script>',
    jobId: '20261122-001',
    state: 'done',
    finishedMs: Date.UTC(2026, 10, 22, 3, 0, 0),
    books: { discovered: all + 3, delivered: all, quarantined: 1, excluded: 2 },
    balanced: true,
    languages: [
      { language: 'typescript', files: all - 1, bytes, lines: Math.ceil(bytes / 30) },
      { language: 'css', files: 1, bytes: 10, lines: 1 },
    ],
    tree: tree.pruned(),
    imports: [{ from: '</script><b>x</b>', files: 12 }],
    slowest: [{ path: HOSTILE.path, ms: 12.5, bytes: 90_000 }],
    largest: [{ path: HOSTILE.path, bytes: 90_000, lines: 300 }],
    functions: [{ path: HOSTILE.path, name: '<i>f</i>', line: 3, complexity: 50 }],
    quarantine: [{ path: HOSTILE.path, code: 'PARSE_FAILED', message: HOSTILE.message }],
    quarantineMore: 0,
    quarantineCodes: [{ code: 'PARSE_FAILED', files: 1 }],
    exclusions: [{ reason: 'hidden', files: 2 }],
  }
}
