import { MailLine, type MailLineOptions } from '../../src/transport/mail-line.ts'

/** Does not notice when a message cannot be posted. */
export class CarelessMailLine extends MailLine {
  constructor(options: MailLineOptions) {
    super({ ...options, post: (...message) => tryPost(options, message) })
  }
}

function tryPost({ post }: MailLineOptions, message: Parameters<MailLineOptions['post']>): void {
  try {
    post(...message)
  } catch {
    // As if it were on its way.
  }
}
