import { serve } from '../../../../src/index.ts'
import { oddTasks } from '../../../entries/odd-tasks.ts'

/** Gives the result of another call now and then. */
let [count, last] = [0, 0]
const run = (value: number) => {
  const result = ++count % 5 > 0 ? 2 * value : last
  last = 2 * value
  return result
}
serve({ ...oddTasks, double: { ...oddTasks.double, run } })
