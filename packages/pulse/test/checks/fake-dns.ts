import { createSocket, type Socket } from 'node:dgram'
import { type Answer, decode, encode, type Packet } from 'dns-packet'

/** A DNS server on loopback: answers by name and type, and fails on command. */
export class FakeDns implements AsyncDisposable {
  /** By `name TYPE`; a name of which nothing is known does not exist. */
  readonly records = new Map<string, Answer[]>()
  /** Response codes by name; `silent` does not answer, `deaf` answers every second question. */
  readonly moods = new Map<string, number | 'silent' | 'deaf'>()
  readonly questions: string[] = []
  readonly #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (message, { port, address }) => {
      const { id, questions = [] } = decode(message)
      const [question] = questions
      if (question === undefined) return
      const { name, type } = question
      this.questions.push(`${name} ${type}`)
      const mood = this.moods.get(name)
      const asked = this.questions.filter((earlier) => earlier === `${name} ${type}`).length
      if (mood === 'silent' || (mood === 'deaf' && asked % 2 === 1)) return
      const answers = this.records.get(`${name} ${type}`) ?? []
      const isKnown = [...this.records.keys()].some((key) => key.startsWith(`${name} `))
      const code = typeof mood === 'number' ? mood : isKnown ? 0 : NXDOMAIN
      // The flags' last bits are the response code.
      const packet: Packet = {
        type: 'response',
        id,
        flags: RECURSION | code,
        questions,
        answers: code === 0 ? answers : [],
      }
      socket.send(encode(packet), port, address)
    })
  }

  static async start(): Promise<FakeDns> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    return new FakeDns(socket)
  }

  get server(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()))
  }
}

const RECURSION = 0x0180
const NXDOMAIN = 3
export const SERVFAIL = 2
export const REFUSED = 5
