import type { IncomingMessage } from 'node:http'
import { type Clock, systemClock } from '@millrace/kernel/clock'
import { checkInteger, checkNumber } from '@millrace/kernel/options'
import type { WebSocket, WebSocketServer } from 'ws'
import { Door, type DoorOptions } from '../access/door.ts'
import type { SourceScheduler } from '../intent-source.ts'
import { isAllowedOrigin, socketCaller } from './socket-caller.ts'
import { CloseCode, SocketConnection } from './socket-connection.ts'

/** How intents are taken over WebSocket. */
export interface IntentSocketOptions extends DoorOptions {
  /**
   * Most bytes of a message, at least 1. Give the server the same as its `maxPayload`: it then does not even read a larger one.
   * @default 1048576
   */
  readonly maxMessageBytes?: number
  /** Messages of one connection whose answer has not been taken by the peer, at least 1; beyond, nothing more is read. @default 1024 */
  readonly maxUnanswered?: number
  /** Connections at once, at least 1. @default 10000 */
  readonly maxConnections?: number
  /** Ms between two pings, at least 1; a peer that gave no sign of life from one to the next is ended. @default 30000 */
  readonly heartbeatMs?: number
  /** Origins whose pages may connect, such as `https://example.org`, beside the server's own. @default none */
  readonly origins?: readonly string[]
  readonly clock?: Clock
}

/** What {@link attachIntentSocket} has in hand. */
export interface IntentSocket {
  /** Connections that are open. */
  readonly connections: number
  /**
   * Submits nothing more from the moment of the call, and closes each connection when every answer it is owed has been given. What comes
   * meanwhile is answered with `SCHEDULER_STOPPED`. Idempotent. The server itself is its owner's to close.
   */
  stop(): Promise<void>
}

/** How long a peer has to answer a close, ms. */
const CLOSE_MS = 1000

/**
 * Takes intents over a server of `ws`, which it opens no port for: messages `{id, intent}`, or arrays of them, are answered `{id, result}` or
 * `{id, error}` by their ids, when they are committed, in the order in which they are; answers that come together are an array.
 *
 * A peer that sends faster than is written is slowed down by its own connection. One that goes away withdraws nothing: what was
 * submitted is written; what it sent beyond `maxUnanswered`, and has no answer to, is not.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function attachIntentSocket(
  server: WebSocketServer,
  scheduler: SourceScheduler,
  options: IntentSocketOptions = {},
): IntentSocket {
  const { clock = systemClock, origins = [] } = options
  const door = new Door(options, clock)
  const maxMessageBytes = checkInteger(OWNER, 'maxMessageBytes', options.maxMessageBytes ?? 1_048_576, { min: 1 })
  const maxUnanswered = checkInteger(OWNER, 'maxUnanswered', options.maxUnanswered ?? 1024, { min: 1 })
  const maxConnections = checkInteger(OWNER, 'maxConnections', options.maxConnections ?? 10_000, { min: 1 })
  const heartbeatMs = checkNumber(OWNER, 'heartbeatMs', options.heartbeatMs ?? 30_000, { min: 1 })
  const connections = new Map<WebSocket, SocketConnection>()
  let stopped: Promise<void> | undefined

  function connect(socket: WebSocket, request: IncomingMessage): void {
    // What a peer does to the protocol, ws answers itself, by closing; without a listener it would end the process.
    socket.on('error', () => {})
    const refusal = refusalOf(request)
    if (refusal !== undefined) {
      close(socket, ...refusal)
      return
    }
    try {
      const client = door.clientOf(socketCaller(request))
      connections.set(socket, new SocketConnection(socket, { scheduler, door, client, maxMessageBytes, maxUnanswered }))
      socket.once('close', () => connections.delete(socket))
    } catch {
      close(socket, CloseCode.POLICY, 'TOKEN_REJECTED: a bearer token is needed')
    }
  }

  function refusalOf(request: IncomingMessage): readonly [code: number, reason: string] | undefined {
    if (stopped !== undefined) return [CloseCode.GOING_AWAY, 'The server stops']
    if (connections.size >= maxConnections) return [CloseCode.TRY_LATER, 'Too many connections']
    return isAllowedOrigin(request, origins) ? undefined : [CloseCode.POLICY, 'This origin may not connect']
  }

  function close(socket: WebSocket, code: number, reason: string): void {
    const timer = clock.after(CLOSE_MS, () => socket.terminate())
    socket.once('close', () => timer.cancel())
    socket.close(code, reason)
  }

  async function stopOne(socket: WebSocket, connection: SocketConnection): Promise<void> {
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    await connection.stop()
    if (socket.readyState === socket.OPEN) close(socket, CloseCode.GOING_AWAY, 'The server stops')
    if (socket.readyState !== socket.CLOSED) await closed
  }

  async function stopAll(): Promise<void> {
    await Promise.all([...connections].map(([socket, connection]) => stopOne(socket, connection)))
    beat.cancel()
    server.off('connection', connect)
  }

  function beatAll(): void {
    beat = clock.after(heartbeatMs, beatAll)
    for (const connection of connections.values()) connection.beat()
  }

  let beat = clock.after(heartbeatMs, beatAll)
  server.on('connection', connect)
  return {
    get connections() {
      return connections.size
    },
    stop: () => (stopped ??= stopAll()),
  }
}

const OWNER = 'attachIntentSocket'
