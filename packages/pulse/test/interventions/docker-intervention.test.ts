import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dockerIntervention } from '../../src/interventions/docker-intervention.ts'
import { FakeDocker } from '../docker/fake-docker.ts'
import { faultsOf, order, outcome, overdue } from './intervening.ts'

test('a container is restarted, once', async () => {
  await using docker = await FakeDocker.start()
  docker.containers.set('api', { Status: 'running', Running: true })
  const restart = (target: object, given = order()) =>
    outcome(dockerIntervention, { container: 'api', socket: docker.socket, ...target }, given)
  expect(await restart({ timeout: '30s' }, order(60_000))).toBe('accepted: the container was restarted')
  expect(docker.requests).toEqual(['POST /containers/api/restart?t=30'])
  expect(await restart({ container: 'absent' })).toBe('refused: there is no such container')
  // It must have stopped before our time is over.
  expect(docker.requests[1]).toBe('POST /containers/absent/restart?t=8')
})

test('without an answer nobody knows, and it is not asked again', async () => {
  await using docker = await FakeDocker.start()
  const restart = (given = order()) => outcome(dockerIntervention, { container: 'api', socket: docker.socket }, given)
  docker.mode = 'hang'
  expect(await overdue(restart, () => docker.requests.length === 1)).toBe('unknown: Docker: no answer in time')
  docker.mode = 'cut'
  expect(await restart()).toMatch(/^unknown: Docker: no answer/)
  docker.mode = 'error'
  expect(await restart()).toBe('unknown: Docker answered 500')
  expect(docker.requests).toHaveLength(3)
})

test('what was not sent was not done', async () => {
  await using docker = await FakeDocker.start()
  const target = { container: 'api', socket: `${docker.socket}-not` }
  expect(await outcome(dockerIntervention, target)).toBe('refused: there is no Docker socket')
  // One that nobody listens on any more.
  const left = join(docker.socket, '..', 'left.sock')
  const server = createServer().listen(left)
  await new Promise((resolve) => server.once('listening', resolve))
  const refusing = { container: 'api', socket: docker.socket }
  expect(await outcome(dockerIntervention, refusing, order(1, AbortSignal.abort()))).toBe(
    'refused: its time was over before it began',
  )
  expect(docker.requests).toEqual([])
  await new Promise((resolve) => server.close(resolve))
})

test('what is no container is told', () => {
  expect(faultsOf(dockerIntervention, { container: 'a/../b', timeout: -1 })).toHaveLength(2)
})
