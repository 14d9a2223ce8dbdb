import { fails, holds, messageOf } from '@millrace/kernel/test/property'
import earcut from 'earcut'
import fc from 'fast-check'
import { BufferImageSource, Container, Graphics, Rectangle, Sprite, Texture } from 'pixi.js'
import { describe, expect, test } from 'vitest'
import type { FractureAdapter } from '../../src/adapters/fracture-adapter.ts'
import { PixiFragment, pixiAdapter } from '../../src/adapters/pixi.ts'
import { fracturePolygon } from '../../src/fracture-polygon.ts'
import { pairs } from '../mesh/shapes.ts'
import { unturned, upright, wallpaper } from './mutants/careless-adapters.ts'

/** A frame of 40 × 30 in an atlas of 200 × 100; `trim` cut it out of 60 × 50. */
function frame({ rotate = 0, isTrimmed = false } = {}): Texture {
  const size = rotate === 0 ? [40, 30] : [30, 40]
  return new Texture({
    source: new BufferImageSource({ resource: new Uint8Array(200 * 100 * 4), width: 200, height: 100 }),
    frame: new Rectangle(10, 20, size[0], size[1]),
    orig: isTrimmed ? new Rectangle(0, 0, 60, 50) : new Rectangle(0, 0, 40, 30),
    ...(isTrimmed && { trim: new Rectangle(5, 8, 40, 30) }),
    rotate,
  })
}

/** Has `adapter` break `thing`, and returns the fragments. */
function broken<Thing extends Container>(adapter: FractureAdapter<Thing>, thing: Thing, seed = 0): PixiFragment[] {
  const { parent } = thing
  const known = new Set(parent?.children.flatMap((child) => [child, ...child.children]))
  adapter.apply(thing, fracturePolygon(adapter.polygonOf(thing), { mesh: true, fragmentCount: 6, seed }, { earcut }))
  const all = parent?.children.flatMap((child) => [child, ...child.children]) ?? []
  const fragments = all.filter((child) => child instanceof PixiFragment && !known.has(child)) as PixiFragment[]
  expect(fragments.length).toBeGreaterThan(1)
  return fragments
}

const nearby = (a: number, b: number, scale: number) => Math.abs(a - b) < 1e-5 * (1 + scale)

/** Whether fragments show each point of a sprite where it was, and the same place of the texture there. */
const looksTheSame = (makeAdapter: typeof pixiAdapter) =>
  fc.property(
    fc.record({
      x: fc.integer({ min: -500, max: 500 }),
      y: fc.integer({ min: -500, max: 500 }),
      rotation: fc.constantFrom(0, 0.4, -2),
      skew: fc.constantFrom(0, 0.5).map((x) => ({ x, y: 0 })),
      scale: fc.constantFrom(1, -1, 2.5).map((x) => ({ x, y: 1.5 })),
      pivot: fc.constantFrom(0, 10).map((x) => ({ x, y: -x })),
      anchor: fc.constantFrom(0, 0.5, 1),
    }),
    fc.integer(),
    (options, seed) => {
      const parent = new Container({ x: 7, y: 9, rotation: 0.2, scale: 1.1 })
      const texture = frame()
      const sprite = parent.addChild(new Sprite({ texture, ...options }))
      const twin = parent.addChild(new Sprite({ texture, ...options }))
      const fragments = broken(makeAdapter(), sprite, seed)
      return fragments.every((fragment) => {
        const { positions, uvs } = fragment.geometry
        const placed = texture.textureMatrix.multiplyUvs(uvs, new Float32Array(uvs.length))
        return pairs(positions).every(([x, y], vertex) => {
          const [before, after] = [twin.toGlobal({ x, y }), fragment.toGlobal({ x, y })]
          const texel = { x: 10 + x + 40 * options.anchor, y: 20 + y + 30 * options.anchor }
          return (
            nearby(before.x, after.x, 2000) &&
            nearby(before.y, after.y, 2000) &&
            nearby(placed[2 * vertex]! * 200, texel.x, 200) &&
            nearby(placed[2 * vertex + 1]! * 100, texel.y, 100)
          )
        })
      })
    },
  )

test('fragments look as the thing did', async () => {
  await holds(looksTheSame(pixiAdapter), 60)
  await fails(looksTheSame(unturned))
  await fails(looksTheSame(upright))
})

test.each([{ isTrimmed: true }, { isTrimmed: true, rotate: 2 }])(
  'atlas frames may be trimmed and turned: %o',
  (how) => {
    const texture = frame(how)
    const sprite = new Container().addChild(new Sprite({ texture, anchor: 0.5 }))
    const { minX, minY, maxX, maxY } = sprite.visualBounds
    const seen = broken(pixiAdapter(), sprite).flatMap(({ geometry: { positions, uvs } }) => {
      const placed = texture.textureMatrix.multiplyUvs(uvs, new Float32Array(uvs.length))
      return pairs(positions).map(([x, y], i) => ({ x, y, u: placed[2 * i]!, v: placed[2 * i + 1]! }))
    })
    for (const [x, y, cornerU, cornerV] of [
      [minX, minY, texture.uvs.x0, texture.uvs.y0],
      [maxX, minY, texture.uvs.x1, texture.uvs.y1],
      [maxX, maxY, texture.uvs.x2, texture.uvs.y2],
      [minX, maxY, texture.uvs.x3, texture.uvs.y3],
    ] as const) {
      const corner = seen.find((vertex) => vertex.x === x && vertex.y === y)
      expect(corner?.u).toBeCloseTo(cornerU, 5)
      expect(corner?.v).toBeCloseTo(cornerV, 5)
    }
  },
)

test('a fragment can be broken again, and keeps its part of the texture', async () => {
  const keepsItsPart = (makeAdapter: typeof pixiAdapter) =>
    fc.property(fc.integer(), (seed) => {
      const adapter = makeAdapter()
      const sprite = new Container().addChild(new Sprite({ texture: frame(), x: 50, rotation: 1 }))
      const [first] = broken(adapter, sprite, seed) as [PixiFragment]
      const { fragment } = first
      const pieces = broken(adapter, first, seed)
      const area = pieces.reduce((sum, piece) => sum + piece.fragment.area, 0)
      return (
        first.destroyed &&
        pieces.length > 1 &&
        nearby(area, fragment.area, 1000) &&
        pieces.every(({ geometry: { positions, uvs } }) =>
          positions.every((value, i) => nearby(uvs[i]!, value / (i % 2 === 0 ? 40 : 30), 1)),
        )
      )
    })
  await holds(keepsItsPart(pixiAdapter), 20)
  await fails(keepsItsPart(wallpaper))
})

describe('in the place of a thing', () => {
  test('its fragments come between what was behind and before it', () => {
    const parent = new Container()
    const sprites = [0, 1, 2].map(() => parent.addChild(new Sprite({ texture: frame(), zIndex: 4 })))
    broken(pixiAdapter(), sprites[1]!)
    expect(parent.children.map((child) => sprites.indexOf(child as Sprite))).toEqual([0, -1, 2])
    expect(parent.children[1]?.zIndex).toBe(4)
  })

  test('they have its tint, alpha, blend mode and visibility', () => {
    const look = { tint: 0xff8800, alpha: 0.5, visible: false, roundPixels: true } as const
    const sprite = new Container().addChild(new Sprite({ texture: frame(), blendMode: 'add', ...look }))
    for (const fragment of broken(pixiAdapter(), sprite)) {
      expect(fragment).toMatchObject(look)
      expect(fragment.blendMode).toBe('add')
    }
  })

  test('they turn around their centroids', () => {
    const sprite = new Container().addChild(new Sprite({ texture: frame(), x: 30, rotation: 1 }))
    for (const fragment of broken(pixiAdapter(), sprite)) {
      const before = fragment.toGlobal(fragment.fragment.centroid)
      fragment.rotation += 2
      const after = fragment.toGlobal(fragment.fragment.centroid)
      expect(nearby(before.x, after.x, 100) && nearby(before.y, after.y, 100)).toBe(true)
    }
  })

  test('or they are in a layer', () => {
    const [world, layer] = [new Container(), new Container()]
    const sprite = world.addChild(new Sprite(frame()))
    const adapter = pixiAdapter({ layer })
    adapter.apply(sprite, fracturePolygon(adapter.polygonOf(sprite), { mesh: true }, { earcut }))
    expect(world.children).toEqual([])
    expect(layer.children.length).toBeGreaterThan(1)
  })
})

describe('the thing', () => {
  test('is destroyed, and its texture is not', () => {
    const texture = frame()
    const sprite = new Container().addChild(new Sprite(texture))
    broken(pixiAdapter(), sprite)
    expect([sprite.destroyed, texture.destroyed]).toEqual([true, false])
  })

  test('or is hidden; a fragment is destroyed all the same', () => {
    const adapter = pixiAdapter({ original: 'hide' })
    const sprite = new Container().addChild(new Sprite(frame()))
    const [fragment] = broken(adapter, sprite) as [PixiFragment]
    expect([sprite.destroyed, sprite.visible]).toEqual([false, false])
    broken(adapter, fragment)
    expect(fragment.destroyed).toBe(true)
  })

  test('may be gone meanwhile: nothing happens then', () => {
    const parent = new Container()
    const sprite = parent.addChild(new Sprite(frame()))
    const adapter = pixiAdapter({ onFragments: () => expect.fail('called') })
    const result = fracturePolygon(adapter.polygonOf(sprite), { mesh: true }, { earcut })
    sprite.destroy()
    adapter.apply(sprite, result)
    expect(parent.children).toEqual([])
  })

  test('may be without a parent, and be destroyed by who hears of its fragments', () => {
    const sprite = new Sprite(frame())
    const parents = new Set<Container | null>()
    const adapter = pixiAdapter({
      onFragments(thing, fragments) {
        for (const { parent } of fragments) parents.add(parent)
        thing.destroy()
      },
    })
    adapter.apply(sprite, fracturePolygon(adapter.polygonOf(sprite), { mesh: true }, { earcut }))
    expect([...parents].map((parent) => parent?.parent)).toEqual([null])
  })

  test('may be anything, with a polygon and a skin of the caller', () => {
    const box = { minX: 0, minY: 0, maxX: 100, maxY: 50 }
    const texture = frame()
    const adapter = pixiAdapter<Graphics>({
      polygonOf: () => ({ outer: [0, 0, 100, 0, 0, 50] }),
      skinOf: () => ({ texture, box }),
    })
    const graphics = new Container().addChild(new Graphics().poly([0, 0, 100, 0, 0, 50]).fill('red'))
    graphics.position.set(3, 4)
    expect(adapter.polygonOf(graphics)).toMatchObject({ transform: { x: 3, y: 4, rotation: 0, scaleX: 1, scaleY: 1 } })
    const fragments = broken<Container>(adapter as FractureAdapter<Container>, graphics)
    const pieces = broken<Container>(adapter as FractureAdapter<Container>, fragments[0]!)
    for (const piece of [...fragments.slice(1), ...pieces]) expect(piece.texture).toBe(texture)
    expect(pieces[0]!.fragment.area).toBeLessThan(fragments[0]!.fragment.area)
  })

  test('is white where it has no texture', () => {
    const graphics = new Container().addChild(new Graphics().rect(5, 6, 70, 80).fill('red'))
    const adapter = pixiAdapter()
    expect(adapter.polygonOf(graphics)).toMatchObject({ outer: [5, 6, 75, 6, 75, 86, 5, 86] })
    for (const fragment of broken(adapter, graphics)) expect(fragment.texture).toBe(Texture.WHITE)
  })
})

test('a group is destroyed with the last of its fragments, however they go', () => {
  const adapter = pixiAdapter()
  const world = new Container()
  for (const end of [
    (fragments: PixiFragment[]) => fragments.forEach((fragment) => void fragment.destroy()),
    (fragments: PixiFragment[]) => fragments[0]?.parent?.destroy({ children: true }),
    (fragments: PixiFragment[]) => new Container().addChild(...fragments),
  ]) {
    const sprite = world.addChild(new Sprite(frame()))
    const fragments = broken(adapter, sprite)
    const group = fragments[0]?.parent
    end(fragments)
    expect(group?.destroyed).toBe(true)
    expect(world.children).toEqual([])
  }
})

test('the geometry of a fragment that was destroyed serves the next one, and holds nothing meanwhile', () => {
  const adapter = pixiAdapter()
  const world = new Container()
  const first = broken(adapter, world.addChild(new Sprite(frame())))
  const geometries = first.map(({ geometry }) => geometry)
  for (const fragment of first) {
    fragment.destroy()
    fragment.destroy()
  }
  expect(geometries.map(({ positions }) => positions.length)).toEqual(geometries.map(() => 0))
  expect(geometries.map((geometry) => geometry.listenerCount('update'))).toEqual(geometries.map(() => 0))
  const second = broken(adapter, world.addChild(new Sprite(frame())))
  expect(new Set(second.map(({ geometry }) => geometry))).toEqual(new Set(geometries))
  for (const { geometry, fragment } of second) {
    expect(geometry.bounds.minX).toBeCloseTo(fragment.bounds.minX, 4)
    expect(geometry.bounds.maxY).toBeCloseTo(fragment.bounds.maxY, 4)
  }
})

test('errors say what to do', async () => {
  const adapter = pixiAdapter()
  const sprite = new Container().addChild(new Sprite(frame()))
  const result = fracturePolygon(adapter.polygonOf(sprite), { seed: 1 })
  const message = await messageOf('FRAGMENT_WITHOUT_MESH', () => adapter.apply(sprite, result))
  expect(message).toBe('pixiAdapter: fragment 0 has no mesh to draw; fracture with mesh: true')
  expect(sprite.destroyed).toBe(false)
  await messageOf('OPTION_INVALID', () => pixiAdapter({ original: 'keep' as 'hide' }))
})
