import { WindowLine } from '../../src/transport/window-line.ts'

/** Waits for ever for what came in messages. */
export class DeafWindowLine extends WindowLine {
  override answered(): void {}
}
