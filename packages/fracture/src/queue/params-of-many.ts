import { MillraceError } from '@millrace/kernel/errors'
import { show } from '@millrace/kernel/options'
import { type CheckedParams, checkParams } from '../patterns/check-params.ts'
import type { FractureParams } from '../patterns/fracture-params.ts'
import type { PolygonInput } from '../polygon/polygon.ts'

/** Parameters of several polygons: for all the same, or for each its own. */
export type ParamsOfMany = FractureParams | readonly (FractureParams | undefined)[] | undefined

/**
 * The parameters of each polygon, by its number. Those for all are checked now, once.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function paramsOfMany(
  polygons: readonly PolygonInput[],
  params: ParamsOfMany,
): (index: number) => FractureParams | CheckedParams | undefined {
  if (!Array.isArray(polygons)) throw invalid('polygons', polygons, `polygons must be an array, not ${show(polygons)}`)
  if (!isList(params)) {
    const checked = checkParams(params)
    return () => checked
  }
  if (params.length === polygons.length) return (index) => params[index]
  const fault = `params must be one object for all polygons, or as many as there are polygons: ${polygons.length}, not ${params.length}`
  throw invalid('params', params, fault)
}

function isList(params: ParamsOfMany): params is readonly (FractureParams | undefined)[] {
  return Array.isArray(params)
}

function invalid(option: string, value: unknown, fault: string): MillraceError {
  return new MillraceError('OPTION_INVALID', `fracture: ${fault}`, { detail: { owner: 'fracture', option, value } })
}
