import { VirtualClock } from '@millrace/kernel'
import { HandHost } from '@millrace/kernel/test/frames/hand-host'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import { BatchProcessingPlugin } from '../../src/batch-processing-plugin.ts'
import { BatchType } from '../../src/batch-type.ts'
import type { AnyExecutor } from '../../src/frame-options.ts'
import { messageFrames } from '../../src/hosts/message-frames.ts'
import type { PerformanceSnapshot } from '../../src/observe/performance-tracker.ts'
import { defineBatchSystem, defineRemoteBatchSystem } from '../../src/system/batch-system.ts'
import { FakeDevtools } from '../observe/fake-devtools.ts'

const still = () => ({ clock: new VirtualClock(), clockTickMs: 0 })

class Recorder {
  readonly snapshots: PerformanceSnapshot[] = []
  track(snapshot: PerformanceSnapshot): void {
    this.snapshots.push(snapshot)
  }
}

describe('BatchProcessingPlugin', () => {
  it('runs its systems with the frames of a host', async () => {
    const host = new HandHost()
    const moved: number[] = []
    const drawn: number[] = []
    await using game = new BatchProcessingPlugin({
      ...still(),
      budgetMs: 4,
      host,
      onFrame: ({ index }) => drawn.push(index),
      systems: {
        movement: { type: BatchType.Transform, cost: 0.4, run: ({ deltaMs }) => moved.push(deltaMs) },
        paths: {
          type: BatchType.AI,
          cost: 0.2,
          recurring: false,
          *run(_frame, unit: { to: number }) {
            for (let at = 0; at < unit.to; at++) yield
            return `a path to ${unit.to}`
          },
        },
      },
    })
    const path = game.controller.run(game.systems.paths, { to: 3 })
    for (let frame = 0; frame < 3; frame++) host.frame({ deltaMs: 16 })
    expect(await path).toBe('a path to 3')
    expect([moved, drawn, game.running, game.controller.budgetMs]).toEqual([[16, 16, 16], [1, 2, 3], true, 4])
    expect(game.controller.describe().map(({ systemId }) => systemId)).toEqual([
      game.systems.movement,
      game.systems.paths,
    ])
    expect(game.systems.movement.name).toBe('movement')
  })

  it('types the jobs of its systems', async () => {
    const host = new HandHost()
    await using game = new BatchProcessingPlugin({
      ...still(),
      host,
      systems: {
        none: { type: 'AI', cost: 0.1, recurring: false, run: () => 1 },
        sync: { type: 'AI', cost: 0.1, recurring: false, run: (_frame, text: string) => text.length },
        async: { type: 'AI', cost: 0.1, recurring: false, run: async (_frame, text: string) => text.length },
        defined: defineBatchSystem({ type: 'AI', cost: 0.1, recurring: false, run: (_, size: number) => [size] }),
      },
    })
    const outputs: [Promise<number>, Promise<number>, Promise<number>, Promise<number[]>] = [
      game.controller.run(game.systems.none),
      game.controller.run(game.systems.sync, 'four'),
      game.controller.run(game.systems.async, 'seven'),
      game.controller.run(game.systems.defined, 2),
    ]
    // @ts-expect-error: the input is a text
    game.controller.run(game.systems.sync, 4).catch(() => undefined)
    host.frame({ deltaMs: 16 })
    await Promise.resolve()
    host.frame({ deltaMs: 16 })
    expect(await Promise.all(outputs)).toEqual([1, 4, 5, [2]])
  })

  it('takes lanes of any name, and remote systems', async () => {
    const host = new HandHost()
    const built: number[] = []
    const executor: AnyExecutor = { width: 1, run: async () => 5 as never, drain: async () => undefined }
    await using game = new BatchProcessingPlugin({
      ...still(),
      host,
      lanes: ['input', { name: 'mesh', executor }],
      systems: {
        keys: { type: 'input', cost: 0.1, run: () => undefined },
        mesh: defineRemoteBatchSystem<string, number, 'mesh'>({
          type: 'mesh',
          cost: 0.1,
          recurring: false,
          task: 'mesh',
          run: (_frame, size) => built.push(size),
        }),
      },
    })
    const meshed: Promise<unknown> = game.controller.run(game.systems.mesh, 'a level')
    host.frame({ deltaMs: 16 })
    await Promise.resolve()
    host.frame({ deltaMs: 16 })
    await meshed
    expect(built).toEqual([5])
    expect(game.controller.describe().map(({ type, kind }) => [type, kind])).toEqual([
      ['input', 'recurring'],
      ['mesh', 'remote'],
    ])
    const nowhere = { type: 'output', cost: 0, run: () => undefined } as const
    // @ts-expect-error: there is no such lane
    await messageOf('LANE_UNKNOWN', () => new BatchProcessingPlugin({ lanes: ['input'], systems: { nowhere } }))
  })

  it('goes over to another host, and stops, what waits staying', async () => {
    const [page, headset] = [new HandHost(), new HandHost()]
    const game = new BatchProcessingPlugin({ ...still(), host: page })
    const loop = game.drive(headset)
    expect([page.stops, game.running, loop.running]).toEqual([1, true, true])
    const system = game.controller.register({ type: 'AI', cost: 0.1, recurring: false, run: () => 'done' })
    const job = game.controller.run(system)
    game.stop()
    expect([headset.stops, game.running, game.controller.totalQueuedJobs]).toEqual([1, false, 1])
    game.drive(page)
    page.frame({ deltaMs: 16 })
    expect(await job).toBe('done')
    await game.close()
  })

  it('tells its tracker, a last time when it is closed, and shows its tracks until then', async () => {
    const host = new HandHost()
    const tracker = new Recorder()
    const window = new FakeDevtools('Chrome/153.0.0.0')
    const clock = new VirtualClock()
    const game = new BatchProcessingPlugin({
      ...{ clock, clockTickMs: 0, host, tracker },
      monitor: { everyFrames: 2, labels: { game: 'chess' } },
      devtools: { window },
      systems: { think: { type: BatchType.AI, cost: 0.5, run: () => clock.advance(1) } },
    })
    for (let frame = 0; frame < 5; frame++) host.frame({ deltaMs: 16 })
    expect(window.entries.map(({ label, track }) => [label, track])).toEqual(Array(5).fill(['think', 'AI']))
    await game.close()
    expect(tracker.snapshots.map(({ stats }) => stats.frames)).toEqual([2, 4, 5])
    expect(tracker.snapshots[2]?.metrics[0]?.samples).toEqual([{ labels: { game: 'chess' }, value: 5 }])
    for (let frame = 0; frame < 5; frame++) game.controller.runFrame()
    expect([tracker.snapshots.length, window.entries.length, game.controller.frameEnded.size]).toEqual([3, 5, 0])
  })

  it('keeps as many spans as it is told', async () => {
    await using few = new BatchProcessingPlugin({
      ...still(),
      devtools: { window: new FakeDevtools('') },
      traceSpans: 16,
    })
    await using many = new BatchProcessingPlugin({ ...still(), devtools: true })
    await using none = new BatchProcessingPlugin(still())
    expect([few, many, none].map(({ controller }) => controller.trace?.capacity)).toEqual([16, 4096, undefined])
    await messageOf('TRACE_DISABLED', () => new BatchProcessingPlugin({ devtools: true, traceSpans: 0 }))
  })

  it('starts nothing where an option is wrong', async () => {
    const host = new HandHost()
    await messageOf('OPTION_INVALID', () => new BatchProcessingPlugin({ host, budgetMs: -1 }))
    const systems = { think: { type: BatchType.AI, cost: 2, run: () => undefined } }
    await messageOf('OPTION_INVALID', () => new BatchProcessingPlugin({ host, systems }))
    expect(host.starts).toBe(0)
  })

  describe('when it is closed', () => {
    it('finishes what it took in the frames of its host, and stops it then', async () => {
      const host = new HandHost()
      let moved = 0
      const game = new BatchProcessingPlugin({
        ...still(),
        host,
        systems: {
          move: { type: BatchType.Transform, cost: 0.1, run: () => void moved++ },
          save: { type: BatchType.AI, cost: 0.1, recurring: false, run: () => 'saved' },
        },
      })
      host.frame({ deltaMs: 16 })
      const saved = game.controller.run(game.systems.save)
      const closed = game.close()
      expect(game.close()).toBe(closed)
      await messageOf('CONTROLLER_CLOSED', () => game.controller.run(game.systems.save))
      expect([host.starts, host.stops]).toEqual([1, 0])
      host.frame({ deltaMs: 16 })
      await closed
      expect([await saved, moved, host.stops, game.running]).toEqual(['saved', 1, 1, false])
    })

    it('has frames of its own where no host has any', async () => {
      const game = new BatchProcessingPlugin({
        systems: { save: { type: BatchType.AI, cost: 0.1, recurring: false, run: () => 'saved' } },
      })
      const saved = game.controller.run(game.systems.save)
      await game.close()
      expect([await saved, game.running]).toEqual(['saved', false])
    })

    it('can be closed in the real thing', async () => {
      const frames: number[] = []
      const game = new BatchProcessingPlugin({
        host: messageFrames(),
        onFrame: ({ index }) => frames.push(index),
        systems: { load: { type: BatchType.LOD, cost: 0.1, recurring: false, run: async ({ turn }) => turn() } },
      })
      const loaded = game.controller.run(game.systems.load)
      await game.close()
      await loaded
      expect(frames.length).toBeGreaterThan(0)
    })
  })
})
