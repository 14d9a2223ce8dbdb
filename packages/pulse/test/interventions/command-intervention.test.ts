import { chmod } from 'node:fs/promises'
import { messageOf } from '@millrace/kernel/test/property'
import { expect, test } from 'vitest'
import { commandIntervention } from '../../src/interventions/command-intervention.ts'
import { FakePrograms, isAlive } from '../fake-programs.ts'
import { faultsOf, order, outcome } from './intervening.ts'

async function setUp(script: string) {
  const programs = await FakePrograms.create({})
  const path = await programs.add('repair', script)
  const kind = commandIntervention({ allow: [path] })
  return {
    programs,
    path,
    kind,
    run: (args: string[] = [], given = order()) => outcome(kind, { argv: [path, ...args] }, given),
    [Symbol.asyncDispose]: () => programs[Symbol.asyncDispose](),
  }
}

test('a program is run as it is written, without a shell and without our environment', async () => {
  process.env.MILLRACE_TEST_SECRET = 'hunter2'
  await using world = await setUp('printf "%s\\n" "$#" "$1" "$2" >> $LOG; env >> $LOG; pwd >> $LOG')
  expect(await world.run(['$(id); *', 'a b'])).toBe('accepted: ended with 0')
  const lines = await world.programs.log()
  expect(lines.slice(0, 3)).toEqual(['2', '$(id); *', 'a b'])
  expect(lines).toContain('MILLRACE_MONITOR=api')
  expect(lines).toContain('MILLRACE_INCIDENT=api#7')
  expect(lines).toContain('MILLRACE_REASON=no answer in time')
  expect(lines.at(-1)).toBe('/')
  expect(lines.join()).not.toContain('hunter2')
  delete process.env.MILLRACE_TEST_SECRET
})

test('what ends otherwise is refused, with its last words, and no argument in them', async () => {
  await using world = await setUp('echo working; echo "cannot log in as $1" >&2; exit 3')
  expect(await world.run(['secret-word'])).toBe('refused: ended with 3: cannot log in as …')
})

test('what is killed by others nobody knows of', async () => {
  await using world = await setUp('kill -9 $$')
  expect(await world.run()).toBe('unknown: was killed (SIGKILL)')
})

test('at the end of its time it is killed with all it started', async () => {
  await using world = await setUp(
    'sleep 60 & echo $! >> $LOG; echo $$ >> $LOG; trap "" TERM; while :; do sleep 60; done',
  )
  const abort = new AbortController()
  const run = world.run([], order(60_000, abort.signal))
  await expect.poll(() => world.programs.log()).toHaveLength(2)
  const pids = (await world.programs.log()).map(Number)
  abort.abort()
  expect(await run).toBe('unknown: it was not done in time, and was killed')
  await expect.poll(() => pids.some(isAlive)).toBe(false)
})

test('output without end is not kept', async () => {
  await using world = await setUp('yes | head -c 20000000; head -c 5000000 /dev/zero >&2; exit 1')
  const before = process.memoryUsage().rss
  expect(await world.run()).toMatch(/^refused: ended with 1/)
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
})

test('what it leaves running does not hold it up, and lives', async () => {
  await using world = await setUp('sleep 60 & echo $! >> $LOG')
  expect(await world.run()).toBe('accepted: ended with 0')
  const [pid = 0] = (await world.programs.log()).map(Number)
  expect(isAlive(pid)).toBe(true)
  process.kill(pid)
})

test('nothing runs that is not allowed, not there, or too late', async () => {
  await using world = await setUp('echo ran >> $LOG')
  const { kind, path, programs } = world
  const run = (argv: string[]) => kind.run({ argv }, order())
  expect(await run(['/bin/sh'])).toEqual({ status: 'refused', reason: 'the program is not allowed' })
  expect(await run([`${programs.folder}/../${path}`])).toEqual({
    status: 'refused',
    reason: 'the program is not allowed',
  })
  expect(await run([])).toEqual({ status: 'refused', reason: 'the program is not allowed' })
  expect(await world.run([], order(1, AbortSignal.abort()))).toBe('refused: its time was over before it began')
  await chmod(path, 0o644)
  const gone = commandIntervention({ allow: ['/nowhere/at/all', path] })
  expect(await outcome(gone, { argv: ['/nowhere/at/all'] })).toBe(
    'refused: could not be started: there is no such program',
  )
  expect(await outcome(gone, { argv: [path] })).toBe('refused: could not be started: it may not be run')
  expect(await programs.log()).toEqual([])
})

test('what may not be run is told', async () => {
  const kind = commandIntervention({ allow: ['/usr/bin/true'] })
  expect(faultsOf(kind, { argv: ['/usr/bin/false'] })).toEqual([
    'argv begins with a program that is not allowed: name its path in the list of allowed commands',
  ])
  for (const argv of [[], ['true'], ['/usr/bin/true', 'a\0b'], Array.from({ length: 101 }, () => '/usr/bin/true')]) {
    expect(faultsOf(kind, { argv })).toHaveLength(1)
  }
  expect(await messageOf('OPTION_INVALID', () => commandIntervention({ allow: ['true'] }))).toBe(
    'commandIntervention: allow must be absolute paths, not "true"',
  )
})
