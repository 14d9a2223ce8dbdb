import type { Patch } from './patched-cutter.ts'

/** What would be wrong, by what it is called. */
export const patches: Readonly<Record<string, Patch>> = {
  'the arrangement in doubles always believes itself': {
    file: 'geometry/cut-crossings.ts',
    find: /const NEAR = 4\n/,
    instead: 'const NEAR = 0\n',
  },
  'crossings are not held against other segments': {
    file: 'geometry/cut-crossings.ts',
    find: /this\.#areClear\([^)]*\)/,
    instead: 'true',
  },
  'a pixel has none of its sides': {
    file: 'geometry/exact-arrangement.ts',
    find: /if \(lowerLeft === 0\) return true/,
    instead: 'if (lowerLeft === 0) return px === ax && py === ay || px === bx && py === by',
  },
  'crossings are not hot': {
    file: 'geometry/exact-arrangement.ts',
    find: /pixels\.add\(place\[0\]!, place\[1\]!\)/,
    instead: 'place.fill(0)',
  },
  'holes are not assigned': {
    file: 'geometry/face-rings.ts',
    find: /this\.face\[hole\] = this\.face\[outer\]!/,
    instead: '',
  },
  'a hole goes to any ring around it': {
    file: 'geometry/face-rings.ts',
    find: /area >= this\.area\[best\]!/,
    instead: 'area <= this.area[best]!',
  },
  'a ring comes to a vertex again': {
    file: 'geometry/face-rings.ts',
    find: /const before = seen\[vertex\]!/,
    instead: 'const before = -1',
  },
  'dangling cuts are kept': {
    file: 'geometry/faces.ts',
    find: /isDead\[edge\] = 1\n {6}isAny = true/,
    instead: '',
    also: { file: 'geometry/planar-graph.ts', find: /this\.#prune\(vertexCount\)/, instead: 'vertexCount' },
  },
  'bridges are kept': {
    file: 'geometry/faces.ts',
    find: /isDead\[edge\] = 1\n {6}isAny = true/,
    instead: '',
  },
  'slivers stay': {
    file: 'geometry/faces.ts',
    find: /if \(slivers\.length === 0\) return false/,
    instead: 'return false',
  },
  'corners of two cuts are idle': {
    file: 'result/fragment-packer.ts',
    find: /return this\.#line\[vertex\]! >= 0/,
    instead: 'return true',
  },
  'what was joined once stays joined': {
    file: 'geometry/faces.ts',
    find: /graph\.isDead\.fill\(0, 0, edges\.count\)/,
    instead: '',
  },
}
