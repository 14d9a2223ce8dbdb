import type { Condition, RowChange, UpdateTarget } from '../../../intent/target.ts'
import { rowInvalid } from '../../item-errors.ts'
import type { WriteItem } from '../../sink.ts'
import { type Family, familyOf, textOf } from '../encode/column-value.ts'
import { typeForCast } from './identifier.ts'
import { checkColumns } from './insert-shape.ts'
import { checkChange, comparesWith, keyTextOf } from './row-change.ts'
import type { ShapedRow, TargetWriter } from './shape.ts'
import { UpdateShape } from './update-shape.ts'

const NO_CONDITIONS: readonly Condition[] = []

/** Makes rows of items whose target is an `update`. */
export class UpdateWriter implements TargetWriter {
  readonly #target: UpdateTarget
  readonly #keyFamily: Family
  readonly #families: ReadonlyMap<string, Family>
  readonly #shapes = new Map<string, UpdateShape>()

  constructor(target: UpdateTarget) {
    this.#target = target
    this.#keyFamily = familyOf(typeForCast(target.key.type ?? 'text'))
    this.#families = new Map(Object.entries(target.columns).map(([name, type]) => [name, familyOf(typeForCast(type))]))
  }

  read(item: WriteItem): ShapedRow {
    const change = checkChange(item.definition.toRow(item.payload), item)
    const { type } = item.definition
    const key = keyTextOf(change.key, this.#keyFamily, this.#target.key, item)
    const { set, add, when = NO_CONDITIONS } = change
    if (change.remove !== undefined && change.remove.length > 0)
      throw rowInvalid(type, 'it has paths to remove, which only a patch can; set the column to null')
    if (set !== undefined) checkColumns(set, this.#target.columns, type)
    if (add !== undefined) checkColumns(add, this.#target.columns, type)
    const texts: (string | null)[] = [key]
    let signature = ''
    for (const column in set) {
      const value = set[column]
      if (value === undefined) continue
      signature += `s${column}\0`
      texts.push(textOf(value, this.#family(column), column))
    }
    for (const column in add) {
      const number = add[column]
      if (number === undefined) continue
      if (!Number.isFinite(number) || set?.[column] !== undefined)
        throw rowInvalid(type, `what it adds to ${column} is no finite number, or the column is set as well`, {
          column,
        })
      signature += `a${column}\0`
      texts.push(textOf(number, this.#family(column), column))
    }
    for (const condition of when) {
      if (!Object.hasOwn(this.#target.columns, condition.path) && condition.path !== this.#target.key.column)
        throw rowInvalid(type, `it has a condition on ${condition.path}, which its target does not declare`, {
          condition,
        })
      signature += `${condition.is} ${condition.path}\0`
      if (comparesWith(condition, item))
        texts.push(textOf(condition.value, this.#family(condition.path), condition.path))
    }
    return { item, shape: this.#shapeOf(signature, change), texts, rowKey: key, source: change, change }
  }

  #family(column: string): Family {
    return this.#families.get(column) ?? 'other'
  }

  #shapeOf(signature: string, { set = {}, add = {}, when = [] }: RowChange): UpdateShape {
    const known = this.#shapes.get(signature)
    if (known !== undefined) return known
    const shape = new UpdateShape(this.#target, {
      set: Object.keys(set).filter((column) => set[column] !== undefined),
      add: Object.keys(add).filter((column) => add[column] !== undefined),
      when,
    })
    // Conditions are the caller's, and may repeat: there is no end of shapes.
    if (this.#shapes.size >= 500) this.#shapes.clear()
    this.#shapes.set(signature, shape)
    return shape
  }
}
