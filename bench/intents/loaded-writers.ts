import { type BenchDatabase, keyOf } from './database.ts'
import { type Move, type OursOptions, openOurs } from './patch.ts'
import { portsOf } from './saturated.ts'

const BATCH = 857
const UPDATE = {
  name: 'many',
  text: `UPDATE players AS t SET data = jsonb_set(t.data, '{position,x}', to_jsonb(i.x))
FROM unnest($1::text[], $2::float8[]) AS i(id, x) WHERE t.id = i.id`,
}
const CONNECTIONS = 2
/** Where the machine falls behind, what waits is to be seen, not refused. */
const HELD = 10_000_000

/** Writes moves by their numbers, and tells when it hands them to the database and when they are committed. */
export interface LoadedWriter extends AsyncDisposable {
  readonly name: string
  send(at: number): void
  onHanded: (numbers: readonly number[]) => void
  onCommitted: (numbers: readonly number[]) => void
}

/** When a batch leaves, beside being full: after so long, or as soon as a connection is idle. */
export interface Leaving {
  readonly windowMs?: number
}

export async function openOursLoaded(database: BenchDatabase, { windowMs }: Leaving): Promise<LoadedWriter> {
  const options: OursOptions =
    windowMs === undefined ? {} : { adaptiveBatching: false, timeWindowMs: windowMs, maxBatchSize: BATCH }
  const writer: LoadedWriter = {
    name: 'ours',
    send(x) {
      const committed = () => writer.onCommitted([x])
      // None fails but by a fault of the bench, which then ends.
      void scheduler.submit({ type: 'move', payload: { key: keyOf(x), x } }).then(committed)
    },
    onHanded() {},
    onCommitted() {},
    [Symbol.asyncDispose]: () => scheduler[Symbol.asyncDispose](),
  }
  const scheduler = await openOurs(database.config, {
    ...options,
    connections: CONNECTIONS,
    maxItems: HELD,
    around: (sink) => ({
      ...portsOf(sink),
      write(batch, signal) {
        writer.onHanded(batch.waves.flatMap((wave) => wave.map(({ payload }) => (payload as Move).x)))
        return sink.write(batch, signal)
      },
    }),
  })
  return writer
}

/** The least that batches in the same way: one array, and on each idle connection the statement. No promise an intent, no check, no result. */
export async function openBareLoaded(database: BenchDatabase, { windowMs }: Leaving): Promise<LoadedWriter> {
  const idle = await Promise.all(Array.from({ length: CONNECTIONS }, () => database.connect()))
  let waiting: number[] = []
  let dueAt = 0
  let isArmed = false
  let willPump = false
  const writer: LoadedWriter = {
    name: 'bare',
    send(at) {
      if (waiting.push(at) === 1 && windowMs !== undefined) dueAt = performance.now() + windowMs
      if (willPump) return
      willPump = true
      queueMicrotask(() => {
        willPump = false
        pump()
      })
    },
    onHanded() {},
    onCommitted() {},
    [Symbol.asyncDispose]: async () => {},
  }
  function pump(): void {
    while (idle.length > 0 && waiting.length > 0) {
      const now = performance.now()
      if (windowMs !== undefined && waiting.length < BATCH && now < dueAt) {
        if (!isArmed) setTimeout(onTime, dueAt - now)
        isArmed = true
        return
      }
      void write(waiting.slice(0, BATCH))
      waiting = waiting.slice(BATCH)
      dueAt = now + (windowMs ?? 0)
    }
  }
  function onTime(): void {
    isArmed = false
    pump()
  }
  async function write(numbers: readonly number[]): Promise<void> {
    const client = idle.pop()!
    writer.onHanded(numbers)
    await client.query({ ...UPDATE, values: [numbers.map(keyOf), numbers] })
    idle.push(client)
    writer.onCommitted(numbers)
    pump()
  }
  return writer
}
