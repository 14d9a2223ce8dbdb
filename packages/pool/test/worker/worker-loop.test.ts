import { afterEach, describe, expect, it } from 'vitest'
import { type Answer, type BareOptions, BarePool } from './bare-pool.ts'

const pools: BarePool[] = []

async function start(options: BareOptions, file?: URL): Promise<BarePool> {
  const pool = await BarePool.start(options, file)
  pools.push(pool)
  return pool
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})

const output = (value: unknown): Answer => ({ output: value })
const fault = (fields: object) => ({ fault: expect.objectContaining(fields) })
const SLICE = 5

describe('tasks in the window', () => {
  const shared = { shared: true }

  it('come back in their slots, in order', async () => {
    const pool = await start(shared)
    const tickets: number[] = []
    for (let id = 0; id < 2000; id++) {
      tickets.push(pool.putOne('echo', new Float64Array(id % 65).fill(id)))
      if (id % 60 === 59) await pool.answer(tickets.at(-1)!)
    }
    await pool.answer(tickets.at(-1)!)
    expect([...pool.answers]).toEqual(tickets.map((ticket, id) => [ticket, output(new Float64Array(id % 65).fill(id))]))
    expect(pool.outputs).toEqual({ value: 2000, elsewhere: 0 })
  })

  it('have outputs without codec sent in messages, and the slot says so', async () => {
    const pool = await start(shared)
    const tickets = [0, 1, 2].map((count) => pool.putOne('listed', count))
    for (const ticket of tickets) await pool.answer(ticket)
    await pool.until(() => pool.outputs.elsewhere === 3)
    expect(tickets.map((ticket) => pool.answers.get(ticket))).toEqual([
      output([]),
      output([{ index: 0 }]),
      output([{ index: 0 }, { index: 1 }]),
    ])
    expect(pool.outputs).toEqual({ value: 0, elsewhere: 3 })
  })

  it('that throw or reject are answered with the error', async () => {
    const pool = await start(shared)
    const ticket = pool.putOne('fail', 'no such polygon')
    expect(await pool.answer(ticket)).toEqual(
      fault({ name: 'TypeError', message: 'no such polygon', stack: expect.stringContaining('served-tasks.ts') }),
    )
    await pool.until(() => pool.outputs.elsewhere === 1)
    expect(await pool.answer(pool.putOne('echo', new Float64Array(1)))).toEqual(output(new Float64Array(1)))
  })

  it('that are async are awaited, one at a time', async () => {
    const pool = await start(shared)
    const tickets = Array.from({ length: 20 }, (_, id) => pool.putOne('later', id))
    await pool.answer(tickets.at(-1)!)
    expect([...pool.answers]).toEqual(tickets.map((ticket, id) => [ticket, output(id + 1)]))
  })

  it('tell how far they are, and see while they run that they are cancelled', async () => {
    const pool = await start(shared)
    const delays: number[] = []
    for (let round = 0; round < SLICE; round++) {
      const ticket = pool.putOne('until', 0.4)
      const slot = pool.slotOf(ticket)
      while (pool.window!.progressOf(slot) < 0.3);
      expect(pool.begunIn(slot)).toBe(1)
      expect(pool.window!.progressOf(slot)).toBeCloseTo(0.4)
      const asked = performance.timeOrigin + performance.now()
      pool.skip(slot)
      const answer = await pool.answer(ticket)
      delays.push('output' in answer ? Number(answer.output) - asked : Number.NaN)
    }
    // How soon is bench/pool/cancel.bench.ts's to say: here, that none of them was ended from outside.
    expect(Math.min(...delays)).toBeLessThan(500)
  })

  it('may have outputs larger than the slot', async () => {
    const pool = await start(shared)
    const sizes = [1, 300, 251, 5, 1100, 2]
    const tickets = sizes.map((size) => pool.putOne('sizes', size))
    for (const ticket of tickets) await pool.answer(ticket)
    expect(tickets.map((ticket) => pool.answers.get(ticket))).toEqual(
      sizes.map((size) => output(Array.from({ length: size }, (_, index) => index))),
    )
    await pool.until(() => pool.outputs.elsewhere + pool.outputs.value === sizes.length)
    expect(pool.outputs).toEqual({ value: 5, elsewhere: 1 })
  })

  it('whose output is not of its codec, or cannot travel at all', async () => {
    const pool = await start(shared)
    expect(await pool.answer(pool.putOne('strange', 4))).toEqual(output('not 4'))
    expect(await pool.answer(pool.putOne('unclonable', 4))).toEqual(fault({ code: 'OUTPUT_NOT_CLONABLE' }))
    await pool.until(() => pool.outputs.elsewhere === 2)
  })

  it('may take away the memory they were lent', async () => {
    const pool = await start(shared)
    for (const vertices of [3, 4]) {
      expect(await pool.answer(pool.putOne('seize', new Float64Array(vertices)))).toEqual(output(vertices))
    }
  })

  it('leave finished results behind when a later one ends the worker', async () => {
    const pool = await start(shared)
    const { window } = pool
    const before = pool.putOne('exitBelow0', 7)
    const [first, culprit, behind] = pool.put('exitBelow0', 1, -3, 2)
    const after = pool.putOne('echo', new Float64Array([99]))
    await pool.until(() => pool.end !== undefined)
    pool.drain()
    expect(pool.end).toEqual({ reason: 'exit', told: 'exit code 3' })
    const slot = pool.slotOf(culprit!)
    expect(window!.heldBy(0)).toEqual([slot])
    expect(pool.begunIn(slot)).toBe(2)
    pool.take(slot, 1)
    expect([...pool.answers]).toEqual([
      [before, output(7)],
      [first, output(1)],
    ])
    expect(pool.answers.has(behind!)).toBe(false)
    expect(window!.stateOf(pool.slotOf(after))).toBe('ready')
  })

  it('of one parcel are done in order, but for those that nobody wants', async () => {
    const pool = await start(shared)
    const blocker = pool.putOne('until', 0.5)
    const tickets = pool.put('later', 1, 2, 3, 4)
    pool.skip(pool.slotOf(tickets[0]!), 1)
    pool.skip(pool.slotOf(blocker))
    await pool.answer(tickets[3]!)
    expect(tickets.map((ticket) => pool.answers.get(ticket))).toEqual([output(2), undefined, output(4), output(5)])
  })

  it('can end the worker by what they left behind', async () => {
    const pool = await start(shared)
    expect(await pool.answer(pool.putOne('throwLater', 7))).toEqual(output(7))
    await pool.until(() => pool.end !== undefined)
    expect(pool.end).toEqual({ reason: 'error', told: 'RangeError: later 7' })
    expect(pool.window!.heldBy(0)).toEqual([])
  })
})

describe('tasks in messages, beside those in the window', () => {
  it('are done while the window never runs empty', async () => {
    const pool = await start({ shared: true })
    const echoes = new Set<number>()
    const fill = () => {
      while (echoes.size - pool.outputs.value < 32) echoes.add(pool.putOne('echo', new Float64Array(8)))
    }
    fill()
    const [plain] = pool.post([['plain', { a: [1] }]])
    while (!pool.answers.has(plain!)) {
      fill()
      const { value } = pool.outputs
      await pool.until(() => pool.outputs.value > value || pool.answers.has(plain!))
      // Its message comes in an event of its own.
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(pool.answers.get(plain!)).toEqual(output({ a: [1] }))
  })

  it('find a worker that was at the window, and the other way round', async () => {
    const pool = await start({ shared: true })
    for (let round = 0; round < 50; round++) {
      expect(await pool.answer(pool.putOne('echo', new Float64Array([round])))).toEqual(
        output(new Float64Array([round])),
      )
      expect(await pool.answer(pool.post([['plain', round]])[0]!)).toEqual(output(round))
    }
  })
})

describe.each([
  { shared: false, packed: false },
  { shared: false, packed: true },
  { shared: true, packed: true },
])('tasks in messages: %j', ({ shared, packed }) => {
  it('are answered in order', async () => {
    const pool = await start({ shared })
    const tickets = pool.post(
      Array.from({ length: 500 }, (_, id) => ['echo', new Float64Array(id % 65).fill(id)]),
      packed,
    )
    await pool.until(() => pool.answers.size === 500)
    expect([...pool.answers]).toEqual(tickets.map((ticket, id) => [ticket, output(new Float64Array(id % 65).fill(id))]))
  })

  it('tell what was begun: one at first, short ones in bursts', async () => {
    const pool = await start({ shared })
    const posted: number[] = []
    for (let round = 0; round < 50; round++) {
      posted.push(
        ...pool.post(
          Array.from({ length: 100 }, () => ['echo', new Float64Array(4)]),
          packed,
        ),
      )
      await pool.until(() => pool.answers.size === posted.length)
    }
    const told = pool.started.flatMap(([ticket, tasks]) => Array.from({ length: tasks }, (_, index) => ticket + index))
    expect(pool.started[0]).toEqual([posted[0], 1])
    expect(told).toEqual(posted)
    expect(pool.started.length).toBeLessThan(posted.length / 4)
  })

  it('of a kind that never came back are told alone, after all results before', async () => {
    const pool = await start({ shared })
    const before = pool.post(
      Array.from({ length: 40 }, () => ['echo', new Float64Array(4)]),
      packed,
    )
    const [culprit] = pool.post(
      [
        ['exit', 0],
        ['echo', new Float64Array(4)],
      ],
      packed,
    )
    await pool.until(() => pool.end !== undefined)
    expect([...pool.answers.keys()]).toEqual(before)
    expect(pool.started.at(-1)).toEqual([culprit, 1])
    expect(pool.end).toEqual({ reason: 'exit', told: 'exit code 0' })
  })
})

describe('tasks in messages', () => {
  it('are cloned as they are, whatever they give', async () => {
    const pool = await start({ shared: false })
    const values = [
      undefined,
      null,
      1,
      'a',
      2n,
      { a: new Map([[1, new Date(0)]]) },
      new Float32Array(3),
      [1, undefined, 2],
    ]
    const tickets = pool.post(values.map((value) => ['plain', value]))
    await pool.until(() => pool.answers.size === values.length)
    expect(tickets.map((ticket) => pool.answers.get(ticket))).toEqual(values.map(output))
  })

  it('are cloned before the next one runs', async () => {
    const pool = await start({ shared: false })
    const tickets = pool.post([1, 2, 3].map(() => ['counting', undefined]))
    await pool.until(() => pool.answers.size === 3)
    expect(tickets.map((ticket) => pool.answers.get(ticket))).toEqual([1, 2, 3].map((runs) => output({ runs })))
  })

  it('that fail are answered with the error, and hold up no other', async () => {
    const pool = await start({ shared: false })
    const tickets = pool.post([
      ['failPlain', new RangeError('far')],
      ['failPlain', 'no error'],
      ['unclonablePlain', undefined],
      ['unknown', 1],
      ['strange', 1],
      ['laterPlain', 1],
      ['plain', 1],
    ])
    await pool.until(() => pool.answers.size === tickets.length)
    expect(tickets.map((ticket) => pool.answers.get(ticket))).toEqual([
      fault({ name: 'RangeError', message: 'far' }),
      fault({ name: 'Error', message: 'no error', stack: undefined }),
      fault({ code: 'OUTPUT_NOT_CLONABLE', message: expect.stringContaining('could not be cloned') }),
      fault({ code: 'TASK_NOT_SERVED' }),
      output('not 1'),
      output(2),
      output(1),
    ])
  })

  it('see a cancel when it arrives, or are not begun', async () => {
    const pool = await start({ shared: false })
    const [running, waiting] = pool.post([
      ['untilHeard', 0.5],
      ['until', 0.5],
    ])
    await pool.until(() => pool.progress.length > 0)
    pool.cancel([waiting!, running!])
    await pool.until(() => pool.answers.size === 2)
    expect(pool.progress).toEqual([[running, 0.5]])
    expect(pool.answers.get(running!)).toEqual(output('heard'))
    expect(pool.answers.get(waiting!)).toEqual(fault({ code: 'TASK_CANCELLED' }))
  })

  it('may close the port: the worker ends', async () => {
    const pool = await start({ shared: false })
    pool.post([['closePort', undefined]])
    await pool.until(() => pool.end !== undefined)
    expect(pool.end).toEqual({ reason: 'exit', told: 'exit code 0' })
  })
})

describe('a worker that is told to end', () => {
  it.each([true, false])('does what is in hand first, shared: %s', async (shared) => {
    const pool = await start({ shared })
    const tickets = pool.post([
      ['laterPlain', 1],
      ['plain', 2],
    ])
    pool.leave()
    await pool.until(() => pool.end !== undefined)
    expect(pool.end).toEqual({ reason: 'exit', told: 'exit code 0' })
    expect(tickets.map((ticket) => pool.answers.get(ticket))).toEqual([output(2), output(2)])
  })

  it('leaves from its sleep', async () => {
    const pool = await start({ shared: true })
    await pool.answer(pool.putOne('echo', new Float64Array(1)))
    pool.leave()
    await pool.until(() => pool.end !== undefined)
    expect(pool.end).toEqual({ reason: 'exit', told: 'exit code 0' })
  })
})
