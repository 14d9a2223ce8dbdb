import { openPool } from '../open-pool.ts'

/** Opens a pool, uses it, and neither closes it nor waits. */
const shared = openPool('shared memory')
const messages = openPool('messages')
openPool('shared memory')
// Nobody polls this one.
void openPool('shared memory', { delivery: 'manual' }).run('double', 1)
Promise.all([shared.run('double', 21), messages.run('async', 200)]).then(async ([first]) => {
  console.log(first, await shared.run('async', 1))
})
