import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { describe, expect, it } from 'vitest'
import { emailChannel } from '../../src/alerts/email-channel.ts'
import { delivered, failureOf, faultsOf, opened } from './opened.ts'

const SECRET = 'T0P-5ECRET'

/** A mail server on the loopback: notes what it is sent. */
async function mailServer(options: SMTPServerOptions = {}) {
  const mails: { to: string[]; text: string }[] = []
  let connections = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 100,
    onConnect: (_, callback) => {
      connections++
      callback()
    },
    onData: async (stream, session, callback) => {
      const text = Buffer.concat(await stream.toArray()).toString()
      mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text })
      callback()
    },
    ...options,
  })
  server.on('error', () => {})
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const address = listening.address()
  return {
    mails,
    connections: () => connections,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

const CONFIG = { host: '127.0.0.1', from: 'Millrace <millrace@example.org>', to: ['ops@example.org'], tls: 'none' }

describe('emailChannel', () => {
  it('mails to all, by one connection, and the same mail for the same alert', async () => {
    await using server = await mailServer()
    await using channel = opened(emailChannel, {
      ...CONFIG,
      port: server.port,
      to: ['a@example.org', 'B <b@example.org>'],
    })
    await delivered(channel)
    await delivered(channel)
    await delivered(channel, { id: 'another', code: 'green' })
    expect(server.connections()).toBe(1)
    expect(server.mails.map(({ to }) => to)).toEqual(Array(3).fill(['a@example.org', 'b@example.org']))
    const [first, second, third] = server.mails.map(({ text }) => text)
    expect(first).toMatch(/^Subject: \[red\] api is down\r$/m)
    expect(first).toContain('connection refused')
    expect(first).toContain('Since:    2026-11-21T23:59:00.000Z')
    const field = (name: string, text = '') => new RegExp(`^${name}: (.*)\\r$`, 'im').exec(text)?.[1]
    expect(field('Message-ID', second)).toBe(field('Message-ID', first))
    expect(field('Message-ID', third)).not.toBe(field('Message-ID', first))
    expect(field('References', third)).toBe(field('References', first))
  })

  it('lets nothing into the head of a mail', async () => {
    await using server = await mailServer()
    await using channel = opened(emailChannel, { ...CONFIG, port: server.port })
    await delivered(channel, { monitor: 'api\r\nBcc: x@example.org', reason: '\r\n.\r\nMAIL FROM:<x@example.org>' })
    expect(server.mails[0]!.to).toEqual(['ops@example.org'])
    expect(server.mails[0]!.text).not.toMatch(/^Bcc:/m)
    expect(server.mails).toHaveLength(1)
  })

  it('tries again what may pass, and nothing else, and says nothing that is secret', async () => {
    const refusing = (responseCode: number): SMTPServerOptions => ({
      onRcptTo: (_, __, callback) => callback(Object.assign(new Error(`no ${SECRET}`), { responseCode })),
    })
    for (const [responseCode, isPassing] of [
      [450, true],
      [550, false],
    ] as const) {
      await using server = await mailServer(refusing(responseCode))
      await using channel = opened(emailChannel, { ...CONFIG, port: server.port })
      const failure = await failureOf(channel)
      expect(failure).toMatchObject({ isPassing, message: expect.stringContaining(`(EENVELOPE, ${responseCode})`) })
      expect(`${failure.message} ${failure.stack} ${failure.cause}`).not.toContain(SECRET)
    }
    await using channel = opened(emailChannel, { ...CONFIG, port: 1 })
    expect(await failureOf(channel)).toMatchObject({ isPassing: true })
  })

  it('signs in, and is refused for good with a wrong password', async () => {
    const server = await mailServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _, callback) =>
        password === SECRET ? callback(null, { user: username }) : callback(new Error(`wrong: ${password}`)),
    })
    await using _ = server
    const config = { ...CONFIG, port: server.port, user: 'millrace' }
    await using channel = opened(emailChannel, { ...config, password: SECRET })
    await delivered(channel)
    expect(server.mails).toHaveLength(1)
    await using wrong = opened(emailChannel, { ...config, password: `${SECRET}-2` })
    const failure = await failureOf(wrong)
    expect(failure).toMatchObject({ isPassing: false, message: expect.stringContaining('EAUTH') })
    expect(`${failure.message} ${failure.stack}`).not.toContain(SECRET)
  })

  it('sends no password over a line that is not encrypted, unless told to', async () => {
    await using server = await mailServer({ authOptional: false, allowInsecureAuth: true })
    await using channel = opened(emailChannel, {
      ...CONFIG,
      tls: 'starttls',
      port: server.port,
      user: 'u',
      password: SECRET,
    })
    expect(await failureOf(channel)).toMatchObject({ message: expect.stringContaining('ETLS') })
    expect(server.mails).toEqual([])
  })

  it('ends with its signal where the server hangs, and goes on when that does not', async () => {
    let isHanging = true
    await using server = await mailServer()
    const sockets: Socket[] = []
    const gate = createServer((socket) => {
      sockets.push(socket.on('error', () => {}))
      if (isHanging) return
      const behind = connect(server.port, '127.0.0.1').on('error', () => {})
      sockets.push(behind)
      socket.pipe(behind).pipe(socket)
    })
    gate.listen(0, '127.0.0.1')
    await once(gate, 'listening')
    const address = gate.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    {
      await using channel = opened(emailChannel, { ...CONFIG, port })
      expect(await failureOf(channel, {}, 100)).toMatchObject({ isPassing: true })
      isHanging = false
      await delivered(channel)
      expect(server.mails).toHaveLength(1)
    }
    for (const socket of sockets) socket.destroy()
    gate.close()
    await once(gate, 'close')
  })

  it('says what is wrong with its config', () => {
    expect(faultsOf(emailChannel, { host: 'h', from: 'nobody', to: [] })).toEqual([
      expect.stringContaining('to'),
      expect.stringContaining('from'),
    ])
    expect(faultsOf(emailChannel, { ...CONFIG, user: 'u' })[0]).toContain('come together')
    expect(faultsOf(emailChannel, { ...CONFIG, to: ['a@b.c\r\nBcc: x@y.z'] })[0]).toContain('addresses')
  })
})
