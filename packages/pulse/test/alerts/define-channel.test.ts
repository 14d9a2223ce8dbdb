import { messageOf } from '@millrace/kernel/test/property'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { expect, it } from 'vitest'
import { BUILT_IN_CHANNELS } from '../../src/alerts/built-in-channels.ts'
import { defineChannel } from '../../src/alerts/define-channel.ts'
import { OpenChannels } from '../../src/alerts/open-channels.ts'
import { delivered, failureOf, faultsOf, opened } from './opened.ts'

interface Pigeons {
  readonly loft: string
  readonly birds: number
}

const pigeons: StandardSchemaV1<unknown, Pigeons> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate(value) {
      const { loft, birds = 1 } = value as Partial<Pigeons>
      if (typeof loft === 'string') return { value: { loft, birds } }
      return { issues: [{ path: ['loft'], message: 'must be text' }] }
    },
  },
}

it('is a channel of a function, which gets what its schema makes of the config', async () => {
  const heard: unknown[] = []
  const kind = defineChannel({
    type: 'pigeon',
    schema: pigeons,
    maxUnderWay: 2,
    deliver: ({ monitor }, { loft, birds }) => {
      heard.push([monitor, loft, birds])
    },
  })
  await using channel = opened(kind, { loft: 'north' })
  expect(channel.maxUnderWay).toBe(2)
  await delivered(channel)
  expect(heard).toEqual([['api', 'north', 1]])
  expect(faultsOf(kind, { loft: 7 })).toEqual(['loft must be text'])
})

it('fails as its function does, also at once', async () => {
  const kind = defineChannel({
    type: 'pigeon',
    deliver: () => {
      throw new Error('it flew away')
    },
  })
  await using channel = opened(kind, {})
  await expect(failureOf(channel)).rejects.toThrow('it flew away')
})

it('refuses what is no kind', async () => {
  const deliver = () => {}
  await messageOf('OPTION_INVALID', () => defineChannel({ type: '', deliver }))
  await messageOf('OPTION_INVALID', () => defineChannel({ type: 'x', deliver, maxUnderWay: 0 }))
  await messageOf('OPTION_INVALID', () => defineChannel({ type: 'x', deliver: undefined as never }))
})

it('is opened once for each config that differs, and closed', async () => {
  const closed: unknown[] = []
  const log = {
    type: 'log',
    parse: () => ({}),
    open: (config: unknown) => ({
      deliver: async () => {},
      [Symbol.asyncDispose]: async () => void closed.push(config),
    }),
  }
  await using channels = new OpenChannels(new Map([...BUILT_IN_CHANNELS, log].map((kind) => [kind.type, kind])))
  const route = { type: 'log', config: { file: 'a' } }
  const first = channels.of(route)
  expect(channels.of(route)).toBe(first)
  expect(channels.of({ ...route, endpoint: 'ops', config: { file: 'a' } })).toBe(first)
  expect(channels.of({ ...route, config: { file: 'b' } })).not.toBe(first)
  expect(channels.of({ ...route, type: 'webhook', config: { url: 'http://a', headers: {} } })).not.toBe(first)
  expect(channels.of({ ...route, type: 'pigeon' })).toBeUndefined()
  await channels[Symbol.asyncDispose]()
  expect(closed).toEqual([{ file: 'a' }, { file: 'b' }])
})
