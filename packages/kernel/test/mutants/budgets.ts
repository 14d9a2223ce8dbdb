import { Budget } from '../../src/index.ts'

/** Never reads the clock before the round ends: time goes on by plan only. */
export class BlindBudget extends Budget {
  override lap(): number {
    return 0
  }
}

/** Believes whatever a coarse clock shows. */
export class CredulousBudget extends Budget {
  constructor(options: ConstructorParameters<typeof Budget>[0]) {
    super({ ...options, tickMs: 0 })
  }
}

/** Lets the next read undo what is to be spent later. */
export class ForgetfulBudget extends Budget {
  override reserve(ms: number): void {
    this.plan(ms)
  }
}

/** What a round used above its limit is forgotten. */
export class ForgivingBudget extends Budget {
  override charge(): void {}
}
