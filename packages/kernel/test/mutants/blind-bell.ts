import { SharedBell } from '../../src/queue/shared-bell.ts'

/** No second look before sleeping: what came between the first look and the mark is slept through. */
export class BlindBell extends SharedBell {
  override wait(ready: () => boolean, timeoutMs?: number): boolean {
    let looks = 0
    return super.wait(() => looks++ !== 1 && ready(), timeoutMs)
  }
}
