import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, it } from 'vitest'
import { holds, promisesIn } from './conformance.ts'
import { losesNothing } from './lives.ts'
import { altered, mixing, repeating } from './mutants/altered-place.ts'
import { hardOfHearing } from './mutants/hard-of-hearing.ts'
import { type Host, HostPlace, modes } from './place.ts'

const host: Host = {
  worker: () => new Worker(new URL('./worker.ts', import.meta.url)),
  missing: () => new Worker(new URL('./no-such-worker.ts', import.meta.url)),
}

describe.each(modes)('a pool in Node, on %s', (mode) => {
  const place = new HostPlace(mode, host)
  afterAll(() => place.close())

  it.each(promisesIn(mode))('%s', (name) => holds(name, place))
})

describe('the property is caught', () => {
  it('when a result is lost', async () => {
    const place = new HostPlace('messages', { ...host, worker: () => hardOfHearing(host.worker() as Worker) })
    await expect(losesNothing(place, 25, 500)).rejects.toThrow('was not done within')
    await place.close()
  })

  it.each([
    { told: 'two results are mixed up', alter: mixing, fault: 'what came of call' },
    { told: 'a result comes twice', alter: repeating, fault: 'a stream gave' },
  ])('when $told', async ({ alter, fault }) => {
    const place = new HostPlace('caller', host)
    await expect(losesNothing(altered(place, alter), 25)).rejects.toThrow(fault)
    await place.close()
  })
})
