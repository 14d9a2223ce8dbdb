import type { FractureResult } from '../../../src/result/fracture-result.ts'
import type { Fragment } from '../../../src/result/fragment.ts'
import { CaseCutter } from '../cut-case.ts'

type Alter = (fragments: readonly Fragment[]) => readonly Fragment[]

/** What would be wrong with fragments however they are made, by what it is called. */
export const alterations: Readonly<Record<string, Alter>> = {
  'the smallest fragment is dropped': (fragments) => {
    const least = Math.min(...fragments.map(({ area }) => area))
    const kept = fragments.filter(({ area }) => fragments.length === 1 || area > least)
    const numberOf = new Map(kept.map(({ index }, at) => [index, at]))
    return kept.map((fragment, index) => ({
      ...partsOf(fragment),
      index,
      neighbours: fragment.neighbours.filter((other) => numberOf.has(other)).map((other) => numberOf.get(other)!),
    }))
  },
  'crossings are computed for each fragment': (fragments) =>
    fragments.map((fragment) => ({
      ...partsOf(fragment),
      outer: fragment.outer.map((value) => value * (1 + (fragment.index % 2) * Number.EPSILON)),
    })),
  'neighbours know each other one way': (fragments) =>
    fragments.map((fragment) => ({
      ...partsOf(fragment),
      neighbours: fragment.neighbours.filter((other) => other > fragment.index),
    })),
  'a fragment is there twice': (fragments) => [...fragments, { ...partsOf(fragments[0]!), index: fragments.length }],
  'holes wind as the outer ring': (fragments) =>
    fragments.map((fragment) => ({
      ...partsOf(fragment),
      holes: fragment.holes.map((hole) => hole.map((_, i) => hole[hole.length - 2 - (i - (i % 2)) + (i % 2)]!)),
    })),
}

/** A cutter of which the results are altered before they are checked. */
export function alteringCutter(alter: Alter): CaseCutter {
  return new (class extends CaseCutter {
    override fragmentsOf({ fragments }: FractureResult): readonly Fragment[] {
      return alter(fragments)
    }
  })()
}

/** What a fragment has, as an object of its own. */
function partsOf({ index, outer, holes, transform, area, centroid, bounds, neighbours }: Fragment): Fragment {
  return { index, outer, holes, transform, area, centroid, bounds, neighbours, mesh: undefined, convexParts: undefined }
}
