import { withPart } from '@millrace/kernel/test/with-part'
import type * as deliveryModule from '../../../src/alerts/alert-delivery.ts'
import type * as laneModule from '../../../src/alerts/delivery-lane.ts'
import type { Line } from '../../../src/alerts/delivery-lane.ts'
import type { StoredAlert } from '../../../src/store/pulse-store.ts'

const sources = new URL('../../../src/', import.meta.url)

/** A delivery with other lanes. */
async function deliveryWith(change: (original: typeof laneModule) => Partial<typeof laneModule>) {
  const rebuilt = await withPart<typeof deliveryModule, typeof laneModule>(
    sources,
    'alerts/alert-delivery.ts',
    'alerts/delivery-lane.ts',
    change,
  )
  return rebuilt.AlertDelivery
}

/** Nothing is wrong with it: what fails under the others does so for what they do. */
export const unchanged = () => deliveryWith(() => ({}))

/** What failed is forgotten where something else waits behind it. */
export const losesWhatFailed = () =>
  deliveryWith(({ DeliveryLane }) => ({
    DeliveryLane: class extends DeliveryLane {
      override putBack(line: Line, alert: StoredAlert): void {
        if (line.waiting.length > 0) {
          line.isAsleep = true
          this.settle(line)
        } else super.putBack(line, alert)
      }
    },
  }))

/** What was delivered is delivered again. */
export const deliversAgain = () =>
  deliveryWith(({ DeliveryLane }) => ({
    DeliveryLane: class extends DeliveryLane {
      override settle(line: Line): void {
        const again = line.underWay!
        super.settle(line)
        this.add(again)
      }
    },
  }))

/** A newer one takes the place of one under way. */
export const forgetsTheNewer = () =>
  deliveryWith(({ DeliveryLane }) => ({
    DeliveryLane: class extends DeliveryLane {
      readonly #busy = new Map<string, StoredAlert>()
      override take(): Line | undefined {
        const line = super.take()
        if (line !== undefined) this.#busy.set(line.monitor, line.underWay!)
        return line
      }
      override settle(line: Line): void {
        this.#busy.delete(line.monitor)
        super.settle(line)
      }
      override add(alert: StoredAlert): readonly StoredAlert[] {
        return this.#busy.get(alert.monitor)?.code === alert.code ? [] : super.add(alert)
      }
    },
  }))

/** What failed goes behind what came after it. */
export const losesOrder = () =>
  deliveryWith(({ DeliveryLane }) => ({
    DeliveryLane: class extends DeliveryLane {
      override putBack(line: Line, alert: StoredAlert): void {
        super.putBack(line, alert)
        if (line.waiting[0] === alert) line.waiting.push(line.waiting.shift()!)
      }
    },
  }))

/** As many are under way as there are. */
export const isUnbounded = () =>
  deliveryWith(({ DeliveryLane }) => ({
    DeliveryLane: class extends DeliveryLane {
      constructor() {
        super(Number.POSITIVE_INFINITY)
      }
    },
  }))
