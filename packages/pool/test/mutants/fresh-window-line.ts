import { type OutputCodec, WindowLine } from '../../src/transport/window-line.ts'

/** Takes what a dead worker had begun for what it had not. */
export class FreshWindowLine extends WindowLine {
  override orphansOf(seat: number, outputs: readonly OutputCodec[]): ReturnType<WindowLine['orphansOf']> {
    return super.orphansOf(seat, outputs).map(({ parcel }) => ({ parcel, begun: 0 }))
  }
}
