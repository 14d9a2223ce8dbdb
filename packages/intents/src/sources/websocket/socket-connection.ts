import { MillraceError } from '@millrace/kernel/errors'
import { Ring } from '@millrace/kernel/queue/ring'
import type { RawData, WebSocket } from 'ws'
import type { Door } from '../access/door.ts'
import type { SourceScheduler } from '../intent-source.ts'
import { parseJson } from '../wire/parse-json.ts'
import { errorMessage, intentOfMessage, messageIdOf, resultMessage } from './intent-message.ts'

/** On what terms a peer's intents are taken. */
export interface ConnectionTerms {
  readonly scheduler: SourceScheduler
  readonly door: Door
  readonly client: string
  readonly maxMessageBytes: number
  readonly maxUnanswered: number
}

/** Characters of answers that are sent as one message. */
const CHUNK = 65_536

/** Reasons for which a socket is closed (RFC 6455, 7.4.1). */
export const CloseCode = { GOING_AWAY: 1001, POLICY: 1008, TOO_LARGE: 1009, TRY_LATER: 1013 } as const

/**
 * One peer: reads messages, submits what they hold, and answers each when it is committed.
 *
 * Of at most `maxUnanswered` messages the answer is owed: not known yet, or not taken by the peer. Beyond, nothing more is read, and
 * what was read already waits here. Answers that come in one turn go as one message, an array where they are several.
 */
export class SocketConnection {
  readonly #socket: WebSocket
  readonly #terms: ConnectionTerms
  /** What was read and not submitted. */
  readonly #backlog = new Ring<unknown>()
  readonly #owedNothing = Promise.withResolvers<void>()
  #answers: string[] = []
  #unanswered = 0
  /** Whether the rate has to be waited for. */
  #isHeld = false
  #isStopping = false
  /** Whether there was a sign of life since the last beat. */
  #isAlive = true

  constructor(socket: WebSocket, terms: ConnectionTerms) {
    this.#socket = socket
    this.#terms = terms
    socket.on('message', (data) => this.#receive(data))
    socket.on('pong', () => {
      this.#isAlive = true
    })
    socket.once('close', () => this.#owedNothing.resolve())
  }

  /** Asks for a sign of life, and ends a peer that gave none since the last time. */
  beat(): void {
    const { isPaused, bufferedAmount } = this.#socket
    // Where nothing is read, only what it takes can tell that it lives; and where it is owed nothing yet, nothing can.
    if (isPaused && bufferedAmount === 0) return
    if (!this.#isAlive) {
      this.#socket.terminate()
      return
    }
    this.#isAlive = false
    if (!isPaused) this.#socket.ping()
  }

  /** Submits nothing more, and resolves when all answers are given or the peer is gone. */
  stop(): Promise<void> {
    this.#isStopping = true
    this.#advance()
    return this.#owedNothing.promise
  }

  #receive(data: RawData): void {
    this.#isAlive = true
    const bytes = data as Buffer
    if (bytes.byteLength > this.#terms.maxMessageBytes) {
      this.#socket.close(CloseCode.TOO_LARGE, `A message may have ${this.#terms.maxMessageBytes} bytes`)
      return
    }
    try {
      const value = parseJson(bytes, 'The message')
      if (Array.isArray(value)) for (const item of value) this.#backlog.push(item)
      else this.#backlog.push(value)
    } catch (error) {
      this.#unanswered++
      this.#answer(errorMessage(null, error))
    }
    this.#advance()
  }

  /** Submits what may be submitted now, and reads on, or not, by what is left. */
  #advance(): void {
    while (this.#backlog.size > 0 && this.#maySubmit) {
      const free = this.#isStopping ? undefined : this.#terms.door.whenFree(this.#terms.client)
      if (free === undefined) this.#submitNext()
      else void this.#submitWhen(free)
    }
    const isFull = this.#backlog.size > 0 || this.#unanswered >= this.#terms.maxUnanswered
    if (isFull) this.#socket.pause()
    else this.#socket.resume()
    if (this.#isStopping && this.#unanswered === 0 && this.#backlog.size === 0) this.#owedNothing.resolve()
  }

  async #submitWhen(free: Promise<void>): Promise<void> {
    this.#isHeld = true
    await free
    this.#isHeld = false
    if (this.#isGone || this.#backlog.size === 0) return
    this.#submitNext()
    this.#advance()
  }

  #submitNext(): void {
    this.#unanswered++
    void this.#submit(this.#backlog.shift())
  }

  async #submit(value: unknown): Promise<void> {
    const id = messageIdOf(value)
    try {
      if (this.#isStopping) throw stopping()
      this.#answer(resultMessage(id, await this.#terms.scheduler.submit(intentOfMessage(value))))
    } catch (error) {
      this.#answer(errorMessage(id, error))
    }
  }

  #answer(text: string): void {
    if (this.#isGone) return
    if (this.#answers.length === 0) setImmediate(() => this.#send())
    this.#answers.push(text)
  }

  #send(): void {
    const answers = this.#answers
    this.#answers = []
    for (let from = 0, to = 0; from < answers.length; from = to) {
      for (let length = 0; to < answers.length && (to === from || length < CHUNK); to++) length += answers[to]!.length
      const part = answers.slice(from, to)
      this.#socket.send(part.length === 1 ? part[0]! : `[${part.join(',')}]`, () => this.#sent(part.length))
    }
  }

  #sent(answers: number): void {
    this.#isAlive = true
    this.#unanswered -= answers
    if (!this.#isGone) this.#advance()
  }

  get #maySubmit(): boolean {
    return this.#unanswered < this.#terms.maxUnanswered && (this.#isStopping || !this.#isHeld)
  }

  get #isGone(): boolean {
    return this.#socket.readyState !== this.#socket.OPEN
  }
}

function stopping(): MillraceError {
  return new MillraceError('SCHEDULER_STOPPED', 'The server stops: nothing was written. Send it again later.')
}
