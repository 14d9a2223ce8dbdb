import { Ring } from '@millrace/kernel/queue/ring'
import { type Line, LineSplitter } from './line-splitter.ts'

/** How a stream of lines is answered. */
export interface AnswerLinesOptions {
  /** The answer to a line, or undefined where it needs none. It may not reject. */
  readonly answer: (line: Line) => Promise<string> | undefined
  /** Asked before each line: reading goes on when it resolves, or at once where it gives nothing. */
  readonly whenFree: () => Promise<void> | undefined
  readonly maxLineBytes: number
  /** Lines whose answer has not been sent. */
  readonly maxUnanswered: number
  /** When it aborts, nothing more is read; what was read is answered. */
  readonly signal: AbortSignal
}

interface Slot {
  text: string | undefined
}

/** Characters of answers that are sent together. */
const CHUNK = 16_384

/**
 * Answers a stream of lines with a stream of lines, in their order, each as soon as it and all before it are known.
 *
 * Nothing more is read while `maxUnanswered` lines wait: for their answer, or for the client to read it. So memory is bounded whatever
 * either side does, and who sends too fast is slowed down by its own connection. When the client goes away, reading ends; what was read goes on.
 */
export function answerLines(body: ReadableStream<Uint8Array>, options: AnswerLinesOptions): ReadableStream<Uint8Array> {
  const exchange = new Exchange(body, options)
  return new ReadableStream<Uint8Array>(
    {
      start: () => void exchange.read(),
      pull: (controller) => exchange.write(controller),
      cancel: () => exchange.stop(),
    },
    { highWaterMark: 0 },
  )
}

class Exchange {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #options: AnswerLinesOptions
  readonly #slots = new Ring<Slot>()
  readonly #encoder = new TextEncoder()
  #isRead = false
  #wakeReader = () => {}
  #wakeWriter = () => {}

  constructor(body: ReadableStream<Uint8Array>, options: AnswerLinesOptions) {
    this.#reader = body.getReader()
    this.#options = options
    options.signal.addEventListener('abort', () => this.stop(), { once: true })
  }

  async read(): Promise<void> {
    const splitter = new LineSplitter(this.#options.maxLineBytes)
    try {
      for (let next = await this.#reader.read(); !next.done && !this.#isRead; next = await this.#reader.read())
        await this.#take(splitter.push(next.value))
      if (!this.#isRead) await this.#take(splitter.end())
    } catch {
      // The client went away in the middle of what it sent: there is nobody to tell.
    }
    this.stop()
  }

  async write(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    for (;;) {
      const text = this.#takeAnswers()
      if (text !== '') {
        controller.enqueue(this.#encoder.encode(text))
        this.#wakeReader()
        return
      }
      if (this.#isRead && this.#slots.size === 0) {
        controller.close()
        return
      }
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve
      })
    }
  }

  stop(): void {
    this.#isRead = true
    this.#wakeReader()
    this.#wakeWriter()
    this.#reader.cancel().catch(() => {})
  }

  async #take(lines: Iterable<Line>): Promise<void> {
    for (const line of lines) {
      while (this.#slots.size >= this.#options.maxUnanswered && !this.#isRead) {
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve
        })
      }
      const free = this.#options.whenFree()
      if (free !== undefined) await free
      if (this.#isRead) return
      const answer = this.#options.answer(line)
      if (answer !== undefined) this.#await(answer)
    }
  }

  #await(answer: Promise<string>): void {
    const slot: Slot = { text: undefined }
    this.#slots.push(slot)
    void answer.then((text) => {
      slot.text = text
      if (this.#slots.peek() === slot) this.#wakeWriter()
    })
  }

  /** The answers that are due: all that are known before the first that is not. */
  #takeAnswers(): string {
    let text = ''
    for (let slot = this.#slots.peek(); slot?.text !== undefined && text.length < CHUNK; slot = this.#slots.peek()) {
      text += `${slot.text}\n`
      this.#slots.shift()
    }
    return text
  }
}
