import { BatchPriority, type PriorityFunction, type PriorityRule } from '../plan/priority.ts'

/** Puts files in front of all others, whatever the rules say of them. */
export function urgentFirst(
  priority: readonly PriorityRule[] | PriorityFunction | undefined,
  urgent: readonly string[],
): readonly PriorityRule[] | PriorityFunction | undefined {
  const paths = urgent.filter((path) => path !== '')
  if (paths.length === 0) return priority
  if (typeof priority === 'function') {
    const first = new Set(paths)
    return (file) => (first.has(file.path) ? BatchPriority.CRITICAL : priority(file))
  }
  const rules = paths.map((path) => ({ priority: BatchPriority.CRITICAL, glob: literal(path) }))
  return [...rules, ...(priority ?? [])]
}

/** A glob for this path alone. */
function literal(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|]/g, '\\$&')
}
