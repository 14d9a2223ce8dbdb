import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Assignment, ExecutorReport } from '../../src/worker/executor.ts'
import { reportFault } from '../../src/worker/report-fault.ts'
import { discovered } from '../discovered.ts'

type Check = typeof reportFault
type Kind = 'delivered' | 'confirmed' | 'failed'

const FILES = 8
const assignment: Assignment = {
  assignmentId: 5,
  cautious: false,
  files: Array.from({ length: FILES }, (_, index) => discovered(`${index}.js`)),
}

const seen = (index: number) => ({ index, ms: 1, bytes: 1, stamp: null })
const answerOf = {
  delivered: (index: number) => ({ ...seen(index), hash: 'h', record: '{}' }),
  confirmed: seen,
  failed: (index: number) => ({ index, code: 'C', message: 'm', transient: false, ms: 1, evidence: {} }),
}

function reportOf(answers: readonly (readonly [Kind, number])[], next: number, assignmentId = 5): ExecutorReport {
  const of = (kind: Kind) => answers.filter(([of]) => of === kind).map(([, index]) => index)
  return {
    assignmentId,
    delivered: of('delivered').map(answerOf.delivered),
    confirmed: of('confirmed').map(answerOf.confirmed),
    failed: of('failed').map(answerOf.failed),
    next,
    highlights: [],
  }
}

const kind = fc.constantFrom<Kind>('delivered', 'confirmed', 'failed')
/** Any answers at all: most are nonsense, some are a part of the truth. */
const answers = fc.array(
  fc.array(fc.tuple(kind, fc.integer({ min: -1, max: FILES })), { maxLength: 4 }).chain((some) =>
    fc.record({
      answers: fc.constantFrom(
        some,
        some.toSorted(([, a], [, b]) => a - b),
      ),
      next: fc.integer({ min: -1, max: FILES + 1 }),
      assignmentId: fc.constantFrom(5, 5, 5, 6),
    }),
  ),
  { maxLength: 12 },
)

/** Whatever a worker says: of what is accepted, each file is answered once, and all before the cursor are. */
function accepted(
  check: Check,
  said: readonly { answers: [Kind, number][]; next: number; assignmentId: number }[],
): boolean {
  const counted: number[] = []
  let cursor = 0
  for (const one of said) {
    if (check(reportOf(one.answers, one.next, one.assignmentId), assignment, cursor) !== undefined) continue
    counted.push(...one.answers.map(([, index]) => index).toSorted((a, b) => a - b))
    cursor = one.next
  }
  return counted.length === cursor && counted.every((index, place) => index === place)
}

/** Believes that reports are in turn. */
const believes: Check = (report, given, cursor) => {
  const { assignmentId, next } = report as ExecutorReport
  return assignmentId === given.assignmentId && next >= cursor && next <= given.files.length ? undefined : 'no'
}

describe('reportFault', () => {
  test('of what it lets pass, each file is counted once and in order, whatever is said', () => {
    fc.assert(fc.property(answers, (said) => accepted(reportFault, said)))
  })

  test('the mutant that believes fails that', () => {
    const { failed } = fc.check(
      fc.property(answers, (said) => accepted(believes, said)),
      { seed: 1 },
    )
    expect(failed).toBe(true)
  })

  test('it lets pass what a right worker says, however it is cut into reports', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 0, max: FILES }), { maxLength: FILES })
    fc.assert(
      fc.property(fc.array(kind, { minLength: FILES, maxLength: FILES }), cuts, (kinds, at) => {
        let cursor = 0
        for (const next of [...at.toSorted((a, b) => a - b), FILES]) {
          const part = kinds.slice(cursor, next).map((of, place) => [of, cursor + place] as const)
          expect(reportFault(reportOf(part, next), assignment, cursor)).toBeUndefined()
          cursor = next
        }
      }),
    )
  })

  test('anything at all is judged without throwing', () => {
    fc.assert(fc.property(fc.anything(), (said) => reportFault(said, assignment, 0) !== undefined))
    const right = reportOf([['delivered', 0]], 1)
    const untellable = Object.assign(Object.create(null), { toString: 0 })
    expect(reportFault({ ...right, next: untellable }, assignment, 0)).toMatch(/a file that is no number/)
    expect(reportFault({ ...right, confirmed: [{ index: untellable }] }, assignment, 0)).toMatch(/does not have/)
    const fields = fc.constantFrom('delivered', 'confirmed', 'failed', 'highlights', 'next', 'assignmentId')
    fc.assert(
      fc.property(
        fields,
        fc.anything(),
        (field, value) => void reportFault({ ...right, [field]: value }, assignment, 0),
      ),
    )
  })

  test('highlights must be about files of the report', () => {
    const about = (index: number) => ({
      ...reportOf([['delivered', 1]], 2),
      highlights: [{ index, list: 'a', label: 'b', value: 1 }],
    })
    expect(reportFault(about(1), assignment, 1)).toBeUndefined()
    expect(reportFault(about(0), assignment, 1)).toMatch(/highlight/)
    expect(reportFault(about(2), assignment, 1)).toMatch(/highlight/)
  })
})
