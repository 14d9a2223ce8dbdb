import type * as quantileModule from '@millrace/kernel/learn/quantile'
import { withPart } from '@millrace/kernel/test/with-part'
import type * as systemModelModule from '../../src/learn/system-model.ts'
import { SystemModel } from '../../src/learn/system-model.ts'

const sources = new URL('../../src/', import.meta.url)

/** Looks at no feature: an average of what jobs took. */
export class BlindModel extends SystemModel {
  constructor(priorMs: number, tickMs: number) {
    super(priorMs, tickMs, false)
  }
}

/** Takes every time that a coarse clock shows for a sample. */
export class CredulousModel extends SystemModel {
  constructor(priorMs: number, _tickMs: number, featured: boolean) {
    super(priorMs, 0, featured)
  }
}

/** Goes on until the clock shows that a sample is long enough: the tick that ends it always counts in full. */
export class HastyModel extends SystemModel {
  readonly #tick: number
  #ms = 0
  #jobs = 0

  constructor(priorMs: number, tickMs: number, featured: boolean) {
    super(priorMs, 0, featured)
    this.#tick = tickMs
  }

  override observe(feature: number, ms: number, jobs = 1): void {
    this.#ms += ms
    this.#jobs += jobs
    if (this.#ms < this.#tick) return
    super.observe(feature, this.#ms / this.#jobs)
    this.#ms = 0
    this.#jobs = 0
  }
}

/** Leaves the residual out: half of all jobs take longer. */
export class HopefulModel extends SystemModel {
  override predict(feature: number): void {
    super.predict(feature)
    this.highMs = this.expectedMs
  }

  override observe(feature: number, ms: number, jobs = 1): void {
    super.observe(feature, ms, jobs)
    this.highMs = this.expectedMs
  }
}

/** Divides by whatever it is told. */
export class NakedModel extends SystemModel {
  #sum = 0
  #count = 0

  override observe(_feature: number, ms: number, jobs = 1): void {
    this.#sum += ms
    this.#count += jobs
    this.expectedMs = this.#sum / this.#count
    this.highMs = this.expectedMs
  }
}

/** Estimates the residual from all samples that there ever were. */
export async function hoardingModel(): Promise<typeof SystemModel> {
  const rebuilt = await withPart<typeof systemModelModule, typeof quantileModule>(
    sources,
    'learn/system-model.ts',
    '@millrace/kernel/learn/quantile',
    ({ Quantile }) => ({
      Quantile: class extends Quantile {
        override reset(): void {}
      },
    }),
  )
  return rebuilt.SystemModel
}
