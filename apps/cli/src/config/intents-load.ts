import { documents } from '../intents/documents.ts'
import { refuseFlag } from './flag-values.ts'

/** What `millrace intents load` was given, as the command line parser hands it over. */
export interface LoadFlags {
  /** Infinity for as fast as it goes. */
  readonly rate?: number
  readonly seconds?: number
  readonly connections?: number
  readonly ws?: boolean
  readonly type?: string
  readonly payload?: string
  readonly keys?: number
  readonly token?: string
  readonly json?: boolean
}

/** What is sent, where, and how fast. */
export interface LoadPlan {
  /** Where intents go: `http:` or `ws:`, or with TLS. */
  readonly url: URL
  readonly isWebSocket: boolean
  /** Intents a second; Infinity for as fast as it goes. */
  readonly rate: number
  readonly seconds: number
  readonly connections: number
  readonly token: string | undefined
  /** The text of the n-th intent, for a number from 0 to 1 that picks its key. */
  readonly intentText: (n: number, pick: number) => string
}

const EXAMPLE = { id: '{key}', set: { seen: '{n}' }, add: { count: 1 } }

/**
 * Reads what is to be sent, and where.
 * @throws {MillraceError} `FLAG_INVALID`.
 */
export function planLoad(address: string, flags: LoadFlags): LoadPlan {
  const isWebSocket = flags.ws === true || /^wss?:/.test(address)
  const { rate = 2000, seconds = 10, connections = isWebSocket ? 8 : 64, keys = 1000, token } = flags
  const type = flags.type ?? documents.definitions[0]?.type ?? ''
  if (flags.type !== undefined && flags.payload === undefined)
    refuseFlag('--payload', `the payload of an intent of --type ${flags.type}, as JSON`, '')
  const text = JSON.stringify({ type, payload: flags.payload === undefined ? EXAMPLE : readPayload(flags.payload) })
  return {
    url: readUrl(address, isWebSocket),
    isWebSocket,
    rate,
    seconds,
    connections,
    token,
    intentText: (n, pick) => text.replaceAll('{key}', `key-${Math.floor(pick * keys)}`).replaceAll('{n}', String(n)),
  }
}

function readUrl(address: string, isWebSocket: boolean): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || !/^(https?|wss?):$/.test(url.protocol))
    return refuseFlag('url', 'the address of a server, such as http://127.0.0.1:8787', address)
  url.protocol = url.protocol.replace(/^(http|ws)/, isWebSocket ? 'ws' : 'http')
  if (url.pathname === '/') url.pathname = '/intents'
  return url
}

function readPayload(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return refuseFlag('--payload', 'JSON', text)
  }
}
