import type * as optionsModule from '@millrace/kernel/options'
import { withPart } from '@millrace/kernel/test/with-part'
import type * as pulseModule from '../../../src/create-pulse.ts'
import type * as checkLineModule from '../../../src/dispatch/check-line.ts'
import type * as inFlightModule from '../../../src/dispatch/in-flight.ts'
import type * as interventionLineModule from '../../../src/interventions/intervention-line.ts'
import { Event } from '../../../src/lifecycle/states.ts'
import type * as fieldsReaderModule from '../../../src/manifest/fields-reader.ts'
import type * as readManifestModule from '../../../src/manifest/read-manifest.ts'

const sources = new URL('../../../src/', import.meta.url)

async function engineWith<Part>(part: string, change: (original: Part) => Partial<Part>) {
  const rebuilt = await withPart<typeof pulseModule, Part>(sources, 'create-pulse.ts', part, change)
  return rebuilt.createPulse
}

/** A monitor whose intervention the lane has no room for is pending all the same, and none is made. */
export const losesTheOrder = () =>
  engineWith<typeof interventionLineModule>('interventions/intervention-line.ts', ({ InterventionLine }) => ({
    InterventionLine: class extends InterventionLine {
      readonly #options: interventionLineModule.InterventionLineOptions

      constructor(options: interventionLineModule.InterventionLineOptions) {
        super(options)
        this.#options = options
      }

      override ask(monitor: number): void {
        if (this.waiting < this.#options.laneSize) super.ask(monitor)
        else this.#options.happen(monitor, Event.TAKEN, '')
      }
    },
  }))

/** A check that was given up, and ends at last, ends the one that has its place by now. */
export const takesTheLateForFresh = () =>
  engineWith<typeof inFlightModule>('dispatch/in-flight.ts', ({ InFlight }) => ({
    InFlight: class extends InFlight {
      readonly #busy = new Set<number>()

      override begin(...check: Parameters<inFlightModule.InFlight['begin']>): number {
        const ticket = super.begin(...check)
        this.#busy.add(this.rowOf(ticket))
        return ticket
      }

      override end(ticket: number): number {
        const row = this.rowOf(ticket)
        return this.#busy.delete(row) ? super.end(this.ticketOf(row)) : -1
      }
    },
  }))

/** The next check is due an interval after the result of this one. */
export const countsFromTheResult = () =>
  engineWith<typeof checkLineModule>('dispatch/check-line.ts', ({ CheckLine }) => ({
    CheckLine: class extends CheckLine {
      constructor(options: checkLineModule.CheckLineOptions) {
        const { table, profiles, clock, onResult } = options
        const again = (monitor: number) => {
          const { intervalMs } = profiles.get(table.profile[monitor]!).check
          this.unschedule(monitor)
          table.dueAt[monitor] = clock.wallNow() + intervalMs
          clock.after(intervalMs, () => this.runNow(monitor))
        }
        super({
          ...options,
          onResult: (...result) => {
            onResult(...result)
            again(result[0])
          },
        })
      }
    },
  }))

/** `max_failures: 0` is as good as any number, in a manifest. */
export async function readsZero() {
  type Reader = typeof fieldsReaderModule
  // In its place: readers of what is within another are made by it.
  const change = ({ FieldsReader }: Reader): Partial<Reader> => {
    const { integer } = FieldsReader.prototype
    FieldsReader.prototype.integer = function (name, range, fallback) {
      return integer.call(this, name, { ...range, min: 0 }, fallback)
    }
    return {}
  }
  const part = 'manifest/fields-reader.ts'
  const rebuilt = await withPart<typeof readManifestModule, Reader>(sources, 'manifest/read-manifest.ts', part, change)
  return rebuilt.readManifest
}

/** The same, in batches that come from no manifest. */
export const loadsZero = () =>
  engineWith<typeof optionsModule>('@millrace/kernel/options', () => ({
    checkInteger: (_where: string, _option: string, value: unknown) => value as number,
  }))
