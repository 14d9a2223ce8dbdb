import { expect } from 'vitest'
import type { InterventionKind, InterventionOrder } from '../../src/interventions/intervention.ts'
import { readFields } from '../read-fields.ts'

/** An order whose time is over after `timeoutMs`. */
export function order(timeoutMs = 10_000, signal: AbortSignal = AbortSignal.timeout(timeoutMs)): InterventionOrder {
  return { monitor: 'api', id: 'api#7/8', incident: 'api#7', reason: 'no answer in time', signal, timeoutMs }
}

/** What became of one that was begun, and whose time was over once `isUnderWay`. */
export async function overdue(
  run: (given: InterventionOrder) => Promise<string>,
  isUnderWay: () => boolean | Promise<boolean>,
): Promise<string> {
  const abort = new AbortController()
  const became = run(order(60_000, abort.signal))
  await expect.poll(isUnderWay, { interval: 5 }).toBe(true)
  abort.abort()
  return became
}

/** What became of it, as `status: reason`. */
export async function outcome(kind: InterventionKind, target: object, given = order()): Promise<string> {
  const { value, faults } = readFields(target, (fields) => kind.parse(fields))
  expect(faults).toEqual([])
  // Between the two, it is kept as JSON.
  const result = await kind.run(JSON.parse(JSON.stringify(value)), given)
  if (result.status !== 'accepted') return `${result.status}: ${result.reason}`
  return result.detail === undefined ? 'accepted' : `accepted: ${result.detail}`
}

/** What is wrong with a `target`. */
export function faultsOf(kind: InterventionKind, target: object): string[] {
  return readFields(target, (fields) => kind.parse(fields)).faults
}
