import { MailLine } from '../../src/transport/mail-line.ts'

/** Takes what a dead worker had begun for what it had not. */
export class FreshMailLine extends MailLine {
  override orphansOf(seat: number): ReturnType<MailLine['orphansOf']> {
    return super.orphansOf(seat).map(({ parcel }) => ({ parcel, begun: 0 }))
  }
}
