import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { test } from 'vitest'
import { loadMonitors } from '../../src/monitors/load-monitors.ts'
import { MonitorTable } from '../../src/monitors/monitor-table.ts'
import { numbersOf } from '../../src/monitors/monitor-view.ts'
import { ProfileTable } from '../../src/monitors/profile-table.ts'
import type { MonitorQuery } from '../../src/pulse.ts'
import { batchOf } from '../rig/create-rig.ts'

const names = ['a', 'B', 'Shop', 'shop-2', 'SHOP-3', 'eshop', 'é', 'Éa', 'K', 'x\u212A', 'sho', 'p', 'shshop']
/** Each in any order, so that those that come again have the numbers of those that went. */
const manifest = fc.shuffledSubarray(names)
const query = fc.record(
  {
    name: fc.constantFrom('', 'shop', 'SHOP', 'k', 'é', 'É', 'a', '-3', 'nothing', 'x'.repeat(300)),
    after: fc.constantFrom(...names, 'nobody'),
    limit: fc.integer({ min: 1, max: 5 }),
  },
  { requiredKeys: [] },
)

type List = (query: MonitorQuery, table: MonitorTable, profiles: ProfileTable) => Iterable<number>

const listsInOrder = (list: List) =>
  fc.asyncProperty(fc.array(manifest, { minLength: 1, maxLength: 6 }), fc.array(query), async (manifests, queries) => {
    const table = new MonitorTable()
    const profiles = new ProfileTable()
    for (const monitors of manifests) {
      await loadMonitors([batchOf(monitors.map((name) => ({ name, target: name })))], {
        table,
        profiles,
        onAdded: () => {},
        onChanged: (_, apply) => apply(),
        onRemoved: (number, apply) => {
          apply()
          table.free(number)
        },
        checkProfile: () => {},
        turn: async () => {},
      })
      for (const asked of [{}, ...queries]) {
        const { name = '', after, limit = 100 } = asked as MonitorQuery
        const expected = monitors
          .slice(after === undefined ? 0 : monitors.indexOf(after) + 1)
          .filter((each) => each.toLowerCase().includes(name.toLowerCase()))
          .slice(0, limit)
        const found = Array.from(list(asked, table, profiles), (number) => table.nameOf(number))
        if (JSON.stringify(found) !== JSON.stringify(expected)) return false
      }
    }
    return true
  })

test('monitors are listed in the order of the manifest, whatever numbers they have', () =>
  holds(listsInOrder(numbersOf), 300))

test('a list in the order of numbers is found out', () =>
  fails(
    listsInOrder((asked, table, profiles) => {
      table.order = undefined
      return numbersOf(asked, table, profiles)
    }),
  ))
