import { expect, test, vi } from 'vitest'
import { dockerCheck } from '../../src/checks/docker/docker-check.ts'
import { FakeDocker } from '../docker/fake-docker.ts'
import { faultsOf, found, foundInTime, Probing } from './probing.ts'

const running = { Status: 'running', Running: true }

test('a container passes that runs, and is healthy if it has a health check', async () => {
  await using docker = await FakeDocker.start()
  await using probing = new Probing(dockerCheck)
  const states = {
    plain: running,
    healthy: { ...running, Health: { Status: 'healthy' } },
    none: { ...running, Health: { Status: 'none' } },
    starting: { ...running, Health: { Status: 'starting' } },
    unhealthy: { ...running, Health: { Status: 'unhealthy' } },
    exited: { Status: 'exited', Running: false, ExitCode: 1 },
    starved: { Status: 'exited', Running: false, ExitCode: 137, OOMKilled: true },
    paused: { Status: 'paused', Running: true },
    restarting: { Status: 'restarting', Running: true },
  }
  for (const [name, state] of Object.entries(states)) docker.containers.set(name, state)
  const verdicts: Record<string, string> = {}
  for (const container of [...Object.keys(states), 'absent']) {
    verdicts[container] = await found(probing.probe({ container, socket: docker.socket }))
  }
  expect(verdicts).toEqual({
    plain: 'PASS',
    healthy: 'PASS',
    none: 'PASS',
    starting: 'WARN: the container is starting',
    unhealthy: 'FAIL: the container is unhealthy',
    exited: 'FAIL: the container exited with 1',
    starved: 'FAIL: the container exited with 137, out of memory',
    paused: 'FAIL: the container does not run: it is paused',
    restarting: 'FAIL: the container does not run: it is restarting',
    absent: 'FAIL: there is no such container',
  })
})

test('a daemon that does not answer as it should is a failure, within the time there is', async () => {
  await using docker = await FakeDocker.start()
  docker.containers.set('api', running)
  await using probing = new Probing(dockerCheck)
  const probe = (timeoutMs = 5000) => found(probing.probe({ container: 'api', socket: docker.socket }, timeoutMs))
  const hanging = await foundInTime(async () => {
    docker.mode = 'hang'
    const before = docker.requests.length
    const probed = probing.probe({ container: 'api', socket: docker.socket }, 200)
    await Promise.race([probed, vi.waitUntil(() => docker.requests.length > before, { timeout: 20_000 })])
    docker.mode = 'answer'
    expect(await Promise.all([probe(), probe()])).toEqual(['PASS', 'PASS'])
    return probed
  })
  expect(hanging).toBe('FAIL: no answer in time')
  docker.mode = 'error'
  expect(await probe()).toBe('FAIL: Docker answered 500')
  docker.mode = 'cut'
  expect(await probe()).toMatch(/^FAIL: Docker: no answer \(ECONNRESET\)/)
  docker.mode = 'garbage'
  expect(await probe()).toBe('FAIL: what answered is not Docker')
  docker.mode = 'endless'
  expect(await probe()).toMatch(/^FAIL: Docker: no answer/)
  docker.mode = 'answer'
  expect(await probe()).toBe('PASS')
  const absent = probing.probe({ container: 'api', socket: `${docker.socket}-not` })
  expect(await found(absent)).toBe('FAIL: there is no Docker socket')
})

test('a connection that the daemon closed meanwhile is no failure', async () => {
  await using docker = await FakeDocker.start()
  docker.containers.set('api', running)
  await using probing = new Probing(dockerCheck)
  for (let round = 0; round < 20; round++) {
    expect(await found(probing.probe({ container: 'api', socket: docker.socket }))).toBe('PASS')
    docker.closeIdle()
  }
})

test('what is no name of a container is told', () => {
  expect(faultsOf(dockerCheck, { container: '../../etc' })).toEqual([
    'container must be a name or an id of a container: letters, digits, _ . -',
  ])
  expect(faultsOf(dockerCheck, {})).toEqual(['container is missing'])
})
