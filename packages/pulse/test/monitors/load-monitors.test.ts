import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { test } from 'vitest'
import { loadMonitors } from '../../src/monitors/load-monitors.ts'
import { MonitorTable } from '../../src/monitors/monitor-table.ts'
import { ProfileTable } from '../../src/monitors/profile-table.ts'
import { batchOf } from '../rig/create-rig.ts'

const names = ['a', 'bb', 'ccc', 'dddd', 'é', 'a a', 'x'.repeat(300)]
const manifest = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom(...names),
    target: fc.constantFrom('t', 'target', ''),
    intervalMs: fc.constantFrom(1000, 2000),
  }),
  { selector: ({ name }) => name },
)

/** One manifest after another, in batches of two: the table has what the last one says, and the report says what changed. */
const loadsWhatIsSaid = (free: (table: MonitorTable, number: number) => void) =>
  fc.asyncProperty(fc.array(manifest, { minLength: 1, maxLength: 8 }), async (manifests) => {
    const table = new MonitorTable()
    const profiles = new ProfileTable()
    const numbers = new Map<string, number>()
    let before = new Map<string, string>()
    for (const monitors of manifests) {
      const batches = []
      for (let from = 0; from < monitors.length; from += 2) {
        batches.push(
          batchOf(
            monitors
              .slice(from, from + 2)
              .map(({ name, target, intervalMs }) => ({ name, target, check: { intervalMs } })),
          ),
        )
      }
      // Each batch stands alone here: its profiles have numbers of their own.
      let offset = 0
      const shifted = batches.map((batch) => {
        const { profiles: own, profileNumbers } = batch
        const shifted = { ...batch, profileNumbers: profileNumbers.map((number) => number + offset) }
        offset += own.length
        return shifted
      })
      const report = await loadMonitors(shifted, {
        table,
        profiles,
        onAdded: () => {},
        onChanged: (_, apply) => apply(),
        onRemoved: (number, apply) => {
          apply()
          free(table, number)
        },
        checkProfile: () => {},
        turn: async () => {},
      })
      const now = new Map(monitors.map(({ name, target, intervalMs }) => [name, `${target} ${intervalMs}`]))
      const changed = [...now].filter(([name, said]) => before.has(name) && before.get(name) !== said).length
      const added = [...now.keys()].filter((name) => !before.has(name)).length
      const removed = [...before.keys()].filter((name) => !now.has(name)).length
      const expected = { added, changed, removed, unchanged: now.size - added - changed }
      if (JSON.stringify(report) !== JSON.stringify(expected)) return false
      if (table.size !== now.size || profiles.size !== new Set(monitors.map(({ intervalMs }) => intervalMs)).size)
        return false
      for (const { name, target, intervalMs } of monitors) {
        const number = table.find(name)
        if (number < 0 || table.nameOf(number) !== name) return false
        if (table.targetOf(number) !== `${name}/${target}`) return false
        if (profiles.get(table.profile[number]!).check.intervalMs !== intervalMs) return false
        // As long as it is there it keeps its number.
        if (before.has(name) && numbers.get(name) !== number) return false
        numbers.set(name, number)
      }
      before = now
    }
    return true
  })

test('a table has what the last manifest says', () =>
  holds(
    loadsWhatIsSaid((table, number) => table.free(number)),
    300,
  ))

test('where a number is given back twice, that is found', () =>
  fails(
    loadsWhatIsSaid((table, number) => {
      table.free(number)
      table.free(number)
    }),
  ))
