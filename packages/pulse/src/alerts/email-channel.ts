import type { createTransport, NodemailerError } from 'nodemailer'
import { type Alert, ChannelError, type ChannelKind } from './channel.ts'
import { headline, isoTime, oneLine, shortened } from './wording.ts'

interface EmailConfig {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly from: string
  readonly to: readonly string[]
  readonly tls: 'starttls' | 'implicit' | 'none'
}

const MAX_SUBJECT_CHARS = 200

/** Mails alerts, by one SMTP connection that stays for the next. */
export const emailChannel: ChannelKind<EmailConfig> = {
  type: 'email',

  parse(fields) {
    const port = fields.integer('port', { min: 1, max: 65_535 }, 587)
    const config: EmailConfig = {
      host: fields.string('host'),
      port,
      user: fields.string('user', ''),
      password: fields.string('password', ''),
      from: fields.string('from'),
      to: fields.strings('to'),
      tls: fields.oneOf('tls', ['starttls', 'implicit', 'none'], port === 465 ? 'implicit' : 'starttls'),
    }
    if (config.to.length === 0 && fields.has('to')) fields.fault('to', 'must name somebody')
    for (const name of ['from', 'to'] as const) {
      if ([config[name]].flat().some((address) => address !== '' && !isAddress(address)))
        fields.fault(name, 'must be addresses such as ops@example.org or Operators <ops@example.org>')
    }
    if ((config.user === '') !== (config.password === ''))
      fields.fault('user', 'and password come together, or not at all')
    return config
  },

  open({ host, port, user, password, from, to, tls }) {
    const settings = {
      pool: true,
      maxConnections: 1,
      maxMessages: Number.POSITIVE_INFINITY,
      host,
      port,
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      ...(user !== '' && { auth: { user, pass: password } }),
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 60_000,
      disableFileAccess: true,
      disableUrlAccess: true,
    } as const
    // PERF: it comes with the first mail, for it brings 20 MB; bench/pulse/memory.bench.ts.
    let opening: ReturnType<typeof openTransport> | undefined
    return {
      maxUnderWay: 1,
      async deliver(alert, signal) {
        try {
          opening ??= openTransport(settings)
          const transport = await opening
          await transport.sendMail({ from, to: [...to], ...mailOf(alert), signal })
        } catch (error) {
          throw failureOf(error as NodemailerError)
        }
      },
      async [Symbol.asyncDispose]() {
        ;(await opening)?.close()
      },
    }
  },
}

/** The same mail for the same alert: who gets it twice can tell. Those of an incident hang together. */
function mailOf(alert: Alert): { subject: string; text: string; messageId: string; references: string } {
  const { code, state, reason, at, since, tags, id, incident } = alert
  const lines = [
    `${headline(alert)}.`,
    ...(reason === '' ? [] : ['', reason]),
    '',
    `State:    ${state}`,
    `At:       ${isoTime(at)}`,
    `Since:    ${isoTime(since)}`,
    ...(tags.length === 0 ? [] : [`Tags:     ${tags.join(', ')}`]),
    `Incident: ${incident}`,
  ]
  return {
    subject: shortened(`[${code}] ${oneLine(headline(alert))}`, MAX_SUBJECT_CHARS),
    text: lines.join('\n'),
    messageId: mailId(id),
    references: mailId(incident),
  }
}

function mailId(name: string): string {
  // PERF: 2 MB, which a process that sends no mail need not have; bench/pulse/memory.bench.ts.
  const { createHash } = process.getBuiltinModule('node:crypto')
  return `<${createHash('sha256').update(name).digest('hex').slice(0, 32)}@millrace>`
}

async function openTransport(settings: Parameters<typeof createTransport>[0]) {
  const { createTransport: create } = await import('nodemailer')
  return create(settings)
}

/** A server's answer may quote what was sent: of it, only the code is told. */
function failureOf({ code, responseCode }: NodemailerError): ChannelError {
  const status = responseCode === undefined ? '' : `, ${responseCode}`
  const isPassing = responseCode === undefined || responseCode < 500
  return new ChannelError(`the mail server did not take it (${code ?? 'unknown'}${status})`, { isPassing })
}

function isAddress(text: string): boolean {
  return /^(?:[^<>\r\n]*<[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+)$/.test(text)
}
