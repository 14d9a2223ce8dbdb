import { expect, test } from 'vitest'
import type { InterventionOrder } from '../../src/interventions/intervention.ts'
import { systemdIntervention } from '../../src/interventions/systemd-intervention.ts'
import { FakePrograms } from '../fake-programs.ts'
import { faultsOf, order, outcome, overdue } from './intervening.ts'

const SYSTEMCTL = `
echo "$*" >> $LOG
for unit in "$@"; do :; done
case $unit in
  api.service) ;;
  slow.service) exec sleep 60 ;;
  *) echo "Failed to restart $unit: Unit $unit not found." >&2; exit 5 ;;
esac`

test('a unit is restarted', async () => {
  await using programs = await FakePrograms.create({ systemctl: SYSTEMCTL })
  const kind = systemdIntervention({ searchPath: programs.searchPath })
  expect(await outcome(kind, { unit: 'api.service' })).toBe('accepted: ended with 0')
  expect(await outcome(kind, { unit: 'api.service', verb: 'reload' })).toBe('accepted: ended with 0')
  expect(await outcome(kind, { unit: 'absent.service' })).toBe(
    'refused: ended with 5: Failed to restart absent.service: Unit absent.service not found.',
  )
  const restart = (given: InterventionOrder) => outcome(kind, { unit: 'slow.service' }, given)
  expect(await overdue(restart, async () => (await programs.log()).length === 4)).toBe('unknown: no answer in time')
  const options = '--no-ask-password --no-pager'
  expect(await programs.log()).toEqual([
    `${options} restart -- api.service`,
    `${options} reload -- api.service`,
    `${options} restart -- absent.service`,
    `${options} restart -- slow.service`,
  ])
})

test('without systemd nothing is done', async () => {
  await using programs = await FakePrograms.create({})
  const kind = systemdIntervention({ searchPath: programs.folder })
  expect(await outcome(kind, { unit: 'api.service' })).toBe('refused: there is no systemctl here')
  expect(await outcome(kind, { unit: 'api' }, order(1, AbortSignal.abort()))).toMatch(/^refused: its time/)
})

test('what is no unit is told', () => {
  const kind = systemdIntervention()
  for (const unit of ['--root=/', 'a b', 'a;b', '$(id)']) expect(faultsOf(kind, { unit })).toHaveLength(1)
  expect(faultsOf(kind, { unit: 'dev-disk\\x2d1.device', verb: 'stop' })).toHaveLength(1)
})
