import { createSocket, type Socket } from 'node:dgram'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { type Answer, decode, encode, type Packet, streamDecode, streamEncode } from 'dns-packet'

/** A DNS server on loopback, by UDP and TCP: answers by name and type, and fails on command. What is too long for a packet, it says by TCP. */
export class FakeDns implements AsyncDisposable {
  /** By `name TYPE`; a name of which nothing is known does not exist. */
  readonly records = new Map<string, Answer[]>()
  /** Response codes by name; `silent` does not answer, `deaf` answers every second question. */
  readonly moods = new Map<string, number | 'silent' | 'deaf'>()
  readonly questions: string[] = []
  /** Those that came by TCP. */
  readonly byTcp: string[] = []
  readonly #socket: Socket
  readonly #server: Server

  private constructor(socket: Socket, server: Server) {
    this.#socket = socket
    this.#server = server
    socket.on('message', (message, { port, address }) => {
      const answer = this.#answer(decode(message))
      if (answer === undefined) return
      const whole = encode(answer)
      const isTooLong = whole.length > MAX_PACKET
      const { flags = 0 } = answer
      socket.send(isTooLong ? encode({ ...answer, flags: flags | TRUNCATED, answers: [] }) : whole, port, address)
    })
    server.on('connection', (connection) => {
      let held = Buffer.alloc(0)
      connection.on('error', () => {})
      connection.on('data', (bytes) => {
        held = Buffer.concat([held, bytes])
        if (held.length < 2 || held.length < 2 + held.readUInt16BE(0)) return
        const asked = streamDecode(held)
        held = Buffer.alloc(0)
        const [question] = asked.questions ?? []
        if (question !== undefined) this.byTcp.push(`${question.name} ${question.type}`)
        const answer = this.#answer(asked)
        if (answer !== undefined) connection.write(streamEncode(answer))
      })
    })
  }

  #answer({ id, questions = [] }: Pick<Packet, 'id' | 'questions'>): Packet | undefined {
    const [question] = questions
    if (question === undefined) return undefined
    const { name, type } = question
    this.questions.push(`${name} ${type}`)
    const mood = this.moods.get(name)
    const asked = this.questions.filter((earlier) => earlier === `${name} ${type}`).length
    if (mood === 'silent' || (mood === 'deaf' && asked % 2 === 1)) return undefined
    const answers = this.records.get(`${name} ${type}`) ?? []
    const isKnown = [...this.records.keys()].some((key) => key.startsWith(`${name} `))
    const code = typeof mood === 'number' ? mood : isKnown ? 0 : NXDOMAIN
    // The flags' last bits are the response code.
    return { type: 'response', id, flags: RECURSION | code, questions, answers: code === 0 ? answers : [] }
  }

  static async start(): Promise<FakeDns> {
    // A port that is free for TCP may be taken for UDP.
    for (let attempt = 0; attempt < 20; attempt++) {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const socket = createSocket('udp4')
      const { port } = server.address() as AddressInfo
      const isBound = await new Promise<boolean>((resolve) => {
        socket.once('error', () => resolve(false))
        socket.bind(port, '127.0.0.1', () => resolve(true))
      })
      if (isBound) return new FakeDns(socket, server)
      server.close()
    }
    throw new Error('no port is free for both UDP and TCP')
  }

  get server(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()))
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}

const RECURSION = 0x0180
const TRUNCATED = 0x0200
/** What a packet has room for without more ado (RFC 1035). */
const MAX_PACKET = 512
const NXDOMAIN = 3
export const SERVFAIL = 2
export const REFUSED = 5

/** As many addresses of a name, from 0.0 to 3.231 of a net. */
export function thousand(name: string, net = '10.0'): Answer[] {
  return Array.from({ length: 1000 }, (_, at) => ({
    type: 'A',
    name,
    ttl: 60,
    data: `${net}.${at >>> 8}.${at & 255}`,
  }))
}
