import type { DiscoveredFile } from '../file.ts'
import type { Highlight } from './processor.ts'
import type { SyntaxRecord } from './syntax-record.ts'

/** Functions up to this complexity are no news; McCabe's own limit. */
const UNREMARKABLE = 10
const MOST_PER_FILE = 5

/** A file's most complex functions for the list `complexity`: at most five, each above 10. */
export function complexityHighlights({ functions }: SyntaxRecord, { path }: DiscoveredFile): readonly Highlight[] {
  return functions
    .filter(({ complexity }) => complexity > UNREMARKABLE)
    .sort((a, b) => b.complexity - a.complexity)
    .slice(0, MOST_PER_FILE)
    .map(({ name, line, complexity }) => ({
      list: 'complexity',
      label: `${name ?? '(anonymous)'} (${line === null ? path : `${path}:${line}`})`,
      value: complexity,
    }))
}
