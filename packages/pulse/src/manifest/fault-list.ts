import type { Fault } from './fields.ts'

/** A {@link Fault} and where it is in the manifest. */
export interface ManifestFault extends Fault {
  /** From 1; 0 where there is none. */
  readonly line: number
  /** The name, where it is known whose it is. */
  readonly monitor?: string
}

/** So many faults are told in full, and so many warnings; the rest is counted. */
const MAX_TOLD = 50

/** What is wrong with a manifest. */
export class FaultList {
  /** The first {@link MAX_TOLD}, in the order of the manifest. */
  readonly told: ManifestFault[] = []
  readonly toldWarnings: ManifestFault[] = []
  faults = 0
  warnings = 0

  /** @param line finds the line, which may take a while: it is asked only for what is told. */
  add(fault: Fault, line: () => number, monitor?: string): void {
    if (fault.isWarning) this.warnings++
    else this.faults++
    const told = fault.isWarning ? this.toldWarnings : this.told
    if (told.length >= MAX_TOLD) return
    const where = { line: line(), ...(monitor === undefined ? {} : { monitor }) }
    told.push({ ...fault, ...where })
  }
}

/** `line 12, monitor "api", pulse_check.interval: must be …` */
export function describeFault({ line, monitor, field, message }: ManifestFault): string {
  const where = [
    ...(line === 0 ? [] : [`line ${line}`]),
    ...(monitor === undefined ? [] : [`monitor ${JSON.stringify(monitor)}`]),
    ...(field === '' ? [] : [field]),
  ]
  return where.length === 0 ? message : `${where.join(', ')}: ${message}`
}
