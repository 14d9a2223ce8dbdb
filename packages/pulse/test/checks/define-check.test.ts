import { messageOf } from '@millrace/kernel/test/property'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { expect, test } from 'vitest'
import type { CheckResult } from '../../src/checks/define-check.ts'
import { defineCheck } from '../../src/checks/define-check.ts'
import { faultsOf, found, foundInTime, Probing } from './probing.ts'

interface Queue {
  url: string
  max: number
}

const queueSchema: StandardSchemaV1<unknown, Queue> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate(value) {
      const { url, max = 10 }: { url?: unknown; max?: unknown } = Object(value)
      if (typeof url !== 'string') return { issues: [{ message: 'must be a URL', path: ['url'] }] }
      if (typeof max !== 'number') return { issues: [{ message: 'must be a number', path: [{ key: 'max' }] }] }
      return { value: { url, max } }
    },
  },
}

const queueCheck = (check: (queue: Queue) => CheckResult | Promise<CheckResult>) =>
  defineCheck<Queue>({ type: 'queue', schema: queueSchema, target: 'url', check })

test('a function is given its config as the schema made it', async () => {
  const given: Queue[] = []
  const kind = queueCheck((queue) => {
    given.push(queue)
    return { status: 'pass' }
  })
  await using probing = new Probing(kind)
  expect(await found(probing.probe({ url: 'amqp://a' }))).toBe('PASS')
  expect(given).toEqual([{ url: 'amqp://a', max: 10 }])
})

test('without a schema anything goes', async () => {
  const kind = defineCheck({
    type: 'any',
    check: async (config) => ({ status: 'warn', reason: JSON.stringify(config) }),
  })
  await using probing = new Probing(kind)
  expect(await found(probing.probe({ a: [1], b: { c: 'd' } }))).toBe('WARN: {"a":[1],"b":{"c":"d"}}')
})

test.each<[string, () => unknown, string]>([
  ['a failure', () => ({ status: 'fail', reason: 'too long' }), 'FAIL: too long'],
  ['a failure without a reason', () => ({ status: 'fail' }), 'FAIL: the check says fail'],
  ['an error', () => Promise.reject(new Error('no route')), 'FAIL: no route'],
  [
    'an error at once',
    () => {
      throw new Error('at once')
    },
    'FAIL: at once',
  ],
  ['what is no error', () => Promise.reject(undefined), 'FAIL: undefined'],
  [
    'what cannot even be shown',
    () =>
      Promise.reject({
        [Symbol.toPrimitive]: () => {
          throw new Error()
        },
      }),
    'FAIL: failed without a reason',
  ],
  [
    'our own fault',
    () => Promise.reject(Object.assign(new Error(), { code: 'EMFILE' })),
    'FAULT: no file descriptor is free here',
  ],
  ['nothing', () => undefined, 'FAIL: the check ended without a status: pass, fail or warn'],
  [
    'a status there is not',
    () => ({ status: 'toString' }),
    'FAIL: the check ended without a status: pass, fail or warn',
  ],
  ['several lines', () => ({ status: 'fail', reason: 'one\n\u0000two\u2028three' }), 'FAIL: one two three'],
  ['a long story', () => ({ status: 'fail', reason: 'x'.repeat(10_000) }), `FAIL: ${'x'.repeat(199)}…`],
])('%s', async (_, check, expected) => {
  await using probing = new Probing(queueCheck(check as () => CheckResult))
  expect(await found(probing.probe({ url: 'x' }))).toBe(expected)
})

test('a function that never ends is ended by its deadline, once, whatever it does later', async () => {
  const late = Promise.withResolvers<CheckResult>()
  const signals: AbortSignal[] = []
  const kind = defineCheck({
    type: 'late',
    check: (_, { signal }) => {
      signals.push(signal)
      return late.promise
    },
  })
  await using probing = new Probing(kind)
  expect(await foundInTime(() => probing.probe({}, 20))).toBe('FAIL: no answer in time')
  expect(signals[0]?.aborted).toBe(true)
  late.resolve({ status: 'pass' })
  await late.promise
})

test('a prober that is closed ends what is under way, and what is begun later', async () => {
  const kind = defineCheck({ type: 'late', check: () => new Promise<CheckResult>(() => {}) })
  const probing = new Probing(kind)
  const [one, other] = [found(probing.probe({})), found(probing.probe({}))]
  await Promise.resolve()
  await probing[Symbol.asyncDispose]()
  const late = found(probing.probe({}))
  expect(await Promise.all([one, other, late])).toEqual(
    Array.from({ length: 3 }, () => 'FAULT: the checks were stopped'),
  )
  expect(probing.underWay).toBe(0)
})

test('what a schema has against a config is told of the field', () => {
  const kind = queueCheck(() => ({ status: 'pass' }))
  expect(faultsOf(kind, {})).toEqual(['url must be a URL'])
  expect(faultsOf(kind, { url: 'x', max: '1' })).toEqual(['max must be a number'])
  const asynchronous = { '~standard': { ...queueSchema['~standard'], validate: () => Promise.reject(new Error()) } }
  expect(faultsOf(defineCheck({ type: 'q', schema: asynchronous, check: () => ({ status: 'pass' }) }), {})).toEqual([
    ' cannot be checked: its schema answers later; give one that answers at once',
  ])
  const throwing = {
    '~standard': {
      ...queueSchema['~standard'],
      validate: () => {
        throw new Error('oh')
      },
    },
  }
  expect(faultsOf(defineCheck({ type: 'q', schema: throwing, check: () => ({ status: 'pass' }) }), {})).toEqual([
    ' cannot be checked: its schema threw "oh"',
  ])
  expect(faultsOf(defineCheck({ type: 'q', target: 'url', check: () => ({ status: 'pass' }) }), { url: 1 })).toEqual([
    'url must be a text',
  ])
})

test('what is no definition is refused', async () => {
  const check = () => ({ status: 'pass' }) as const
  expect(await messageOf('OPTION_INVALID', () => defineCheck({ type: '', check }))).toBe(
    'defineCheck: type must be a name, not ""',
  )
  const noCheck = JSON.parse('{"type":"a"}')
  expect(await messageOf('OPTION_INVALID', () => defineCheck(noCheck))).toContain('check must be a function')
  const noSchema = { ...JSON.parse('{"type":"a","schema":{}}'), check }
  expect(await messageOf('OPTION_INVALID', () => defineCheck(noSchema))).toContain('schema must be a schema')
})
