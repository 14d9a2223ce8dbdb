import type { Condition, PatchTarget, RowChange } from '../../../intent/target.ts'
import { checkApart, segmentsOf } from '../../dot-path.ts'
import { rowInvalid } from '../../item-errors.ts'
import type { WriteItem } from '../../sink.ts'
import { type Family, familyOf, jsonTextOf } from '../encode/column-value.ts'
import { GeneralPatchShape } from './general-patch-shape.ts'
import { typeForCast } from './identifier.ts'
import { type PatchPaths, PatchShape } from './patch-shape.ts'
import { checkChange, comparesWith, keyTextOf } from './row-change.ts'
import type { ShapedRow, TargetWriter } from './shape.ts'

/** Shapes kept: paths may come from users, so that there is no end of them. */
const MAX_SHAPES = 500

const NO_PATHS: readonly string[] = []
const NO_CONDITIONS: readonly Condition[] = []

/** Makes rows of items whose target is a `patch`. */
export class PatchWriter implements TargetWriter {
  readonly #target: PatchTarget
  readonly #keyFamily: Family
  readonly #general: GeneralPatchShape
  readonly #shapes = new Map<string, PatchShape>()

  constructor(target: PatchTarget) {
    this.#target = target
    this.#keyFamily = familyOf(typeForCast(target.key.type ?? 'text'))
    this.#general = new GeneralPatchShape(target)
  }

  read(item: WriteItem): ShapedRow {
    const change = checkChange(item.definition.toRow(item.payload), item)
    const key = keyTextOf(change.key, this.#keyFamily, this.#target.key, item)
    const { set, add, remove = NO_PATHS, when = NO_CONDITIONS } = change
    const texts = [key]
    let signature = ''
    // PERF: one walk over the change for its shape and its texts; most rows find their shape by the signature.
    for (const path in set) {
      const value = set[path]
      if (value === undefined) continue
      signature += `s${path}\0`
      texts.push(jsonTextOf(value, path))
    }
    for (const path in add) {
      const number = add[path]
      if (number === undefined) continue
      if (!Number.isFinite(number))
        throw rowInvalid(item.definition.type, `it adds to ${path} what is no finite number`, { path })
      signature += `a${path}\0`
      texts.push(String(number))
    }
    for (const path of remove) signature += `r${path}\0`
    for (const condition of when) {
      signature += `${condition.is} ${condition.path}\0`
      if (comparesWith(condition, item)) texts.push(jsonTextOf(condition.value, condition.path))
    }
    return { item, shape: this.#shapeOf(signature, change), texts, rowKey: key, source: change, change }
  }

  #shapeOf(signature: string, change: RowChange): PatchShape {
    const known = this.#shapes.get(signature)
    if (known !== undefined) return known
    const paths = pathsOf(change)
    const shape = new PatchShape(this.#target, paths, (row) => this.#general.rowOf(row))
    if (this.#shapes.size >= MAX_SHAPES) this.#shapes.clear()
    this.#shapes.set(signature, shape)
    return shape
  }
}

function pathsOf({ set = {}, add = {}, remove = [], when = [] }: RowChange): PatchPaths {
  const paths = {
    set: Object.keys(set).filter((path) => set[path] !== undefined),
    add: Object.keys(add).filter((path) => add[path] !== undefined),
    remove,
    when,
  }
  checkApart([...paths.set, ...paths.add, ...paths.remove])
  for (const { path } of when) segmentsOf(path)
  return paths
}
