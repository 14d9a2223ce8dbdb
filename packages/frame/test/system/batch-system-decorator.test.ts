import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { VirtualClock } from '@millrace/kernel'
import { messageOf } from '@millrace/kernel/test/property'
import { beforeAll, describe, expect, it } from 'vitest'
import { batchSystem } from '../../src/system/batch-system-decorator.ts'
import { type Compiled, compileWithEsbuild, compileWithTypeScript } from './compile.ts'

let byTypeScript: Awaited<ReturnType<typeof compileWithTypeScript>>
let byEsbuild: Compiled
beforeAll(async () => {
  const compiled = await Promise.all([compileWithTypeScript(), compileWithEsbuild()])
  byTypeScript = compiled[0]
  byEsbuild = compiled[1]
})

describe.each([
  { compiler: 'TypeScript', compiled: () => byTypeScript.module },
  { compiler: 'esbuild', compiled: () => byEsbuild },
])('@batchSystem, compiled with $compiler', ({ compiled }) => {
  const controllerOf = ({ BatchController }: Compiled) =>
    new BatchController({ clock: new VirtualClock(), clockTickMs: 0 })

  it('registers every decorated method, bound to its instance', () => {
    const module = compiled()
    const controller = controllerOf(module)
    const world = new module.World()
    const ids = module.registerBatchSystems(controller, world)
    expect(ids.map(({ name }) => name)).toEqual([
      'World.move',
      'physics',
      'World.load',
      'World.findPath',
      'World.#think',
    ])
    expect(controller.describe().map(({ type, kind, weightCost }) => [type, kind, weightCost])).toEqual([
      ['Transform', 'recurring', 0.1],
      ['Physics', 'recurring', 0.1],
      ['LOD', 'submitted', 0.1],
      ['AI', 'submitted', 0.1],
      ['AI', 'recurring', 0.1],
    ])
    controller.runFrame()
    expect(world.log).toEqual(['moved 3 in frame 1', 'stepped body 0', 'stepped body 1', 'thought'])
  })

  it('takes jobs for methods, generators and async ones too', async () => {
    const module = compiled()
    const controller = controllerOf(module)
    const world = new module.World()
    const systems = module.registerBatchSystems(controller, world)
    const path: Promise<number[]> = controller.run(systems.of('findPath'), { from: 2, to: 5 })
    const loaded: Promise<string> = controller.run(systems.of('load'), 'tree')
    for (let frame = 0; frame < 4; frame++) {
      controller.runFrame()
      await Promise.resolve()
      await Promise.resolve()
    }
    expect(await path).toEqual([2, 3, 4, 5])
    expect(await loaded).toBe('tree.glb')
    expect(world.log).toContain('loaded tree')
  })

  it('registers what is inherited, what is overridden once, and private ones of one name each', () => {
    const module = compiled()
    const controller = controllerOf(module)
    const sea = new module.Sea()
    module.registerBatchSystems(controller, sea)
    expect(controller.describe().map(({ type, systemId, weightCost }) => [systemId.name, type, weightCost])).toEqual([
      ['Sea.move', 'Transform', 0.1],
      ['Sea.step', 'Visibility', 0.2],
      ['Sea.load', 'LOD', 0.1],
      ['Sea.findPath', 'AI', 0.1],
      ['Sea.#think', 'AI', 0.1],
      ['Sea.#think', 'AI', 0.1],
    ])
    controller.runFrame()
    expect(sea.log).toEqual(['moved 3 in frame 1', 'waved', 'stepped the sea', 'thought', 'thought of the sea'])
  })

  it('keeps instances, and their classes, apart', () => {
    const module = compiled()
    const controller = controllerOf(module)
    const [world, sea, other] = [new module.World(), new module.Sea(), new module.World()]
    expect(module.registerBatchSystems(controller, sea).length).toBe(6)
    expect(module.registerBatchSystems(controller, world).length).toBe(5)
    controller.runFrame()
    expect([world.log.length, sea.log.length, other.log.length]).toEqual([4, 5, 0])
  })

  it('takes methods that are named by a symbol, and all other options', () => {
    const module = compiled()
    const controller = controllerOf(module)
    const clockwork = new module.Clockwork()
    expect(module.registerBatchSystems(controller, clockwork)[0]?.name).toBe('Clockwork.Symbol(tick)')
    for (let frame = 0; frame < 5; frame++) controller.runFrame()
    expect(clockwork.ticks).toBe(3)
  })

  it('registers all or none', async () => {
    const module = compiled()
    const controller = controllerOf(module)
    await messageOf('LANE_UNKNOWN', () => module.registerBatchSystems(controller, new module.Lost()))
    expect(controller.describe()).toEqual([])
  })

  it('refuses instances and methods without decoration, and static methods', async () => {
    const module = compiled()
    const controller = controllerOf(module)
    const systems = module.registerBatchSystems(controller, new module.World())
    expect(await messageOf('SYSTEM_INVALID', () => module.registerBatchSystems(controller, new Map()))).toMatch(/Map/)
    for (const nothing of [Object.create(null), undefined as never, 5 as never]) {
      await messageOf('SYSTEM_INVALID', () => module.registerBatchSystems(controller, nothing))
    }
    expect(await messageOf('SYSTEM_INVALID', () => systems.of('save'))).toMatch(/World\.save is not decorated/)
    expect(await messageOf('SYSTEM_INVALID', module.decorateStatic)).toMatch(/think is static/)
  })
})

describe('@batchSystem', () => {
  it('does not compile on what has another signature, and the compiler knows no other errors', () => {
    const source = readFileSync(join(import.meta.dirname, 'fixtures/wrong-decorations.ts'), 'utf8').split('\n')
    const marked = source.flatMap((line, index) => (/\/\/ wrong:/.test(line) ? [index + 1] : []))
    const found = [...byTypeScript.errors.matchAll(/^(\S+)\((\d+),\d+\): error/gm)].map(([, file, line]) => ({
      file,
      line,
    }))
    expect(found.map(({ line }) => Number(line))).toEqual(marked)
    expect(found.every(({ file }) => file?.endsWith('wrong-decorations.ts'))).toBe(true)
    expect(marked.length).toBe(9)
  })

  it('says what to do where decorators are compiled the old way, or stand on no method', async () => {
    const decorate = batchSystem('AI', { cost: 0.1 }) as (...args: unknown[]) => void
    expect(await messageOf('SYSTEM_INVALID', () => decorate({}, 'think', {}))).toMatch(/without experimentalDecorators/)
    expect(await messageOf('SYSTEM_INVALID', () => decorate(undefined, { kind: 'field', name: 'think' }))).toMatch(
      /think is a field/,
    )
  })
})
