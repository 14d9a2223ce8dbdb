import { WebSocket } from 'ws'
import type { LoadPlan } from '../../config/intents-load.ts'
import type { Ended, LoadClient } from './load-client.ts'
import { unreachable } from './probe-server.ts'

interface Answer {
  readonly id: number
  readonly error?: { readonly code: string }
}

/**
 * Sends intents over WebSockets, in turn.
 * @throws {MillraceError} `SERVER_UNREACHABLE` where they do not open.
 */
export async function createSocketLoadClient(plan: LoadPlan): Promise<LoadClient> {
  const lines = await Promise.all(Array.from({ length: plan.connections }, () => openLine(plan)))
  let next = 0
  return {
    send(intent, ended) {
      lines[next++ % lines.length]?.send(intent, ended)
    },
    close() {
      for (const line of lines) line.close()
    },
  }
}

async function openLine({ url, token }: LoadPlan): Promise<LoadClient> {
  const socket = new WebSocket(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
  const waiting = new Map<number, Ended>()
  let sent = 0
  const end = (id: number, failure: string | undefined) => {
    const ended = waiting.get(id)
    waiting.delete(id)
    ended?.(failure)
  }
  socket.on('message', (data) => {
    const message: Answer | readonly Answer[] = JSON.parse(String(data))
    for (const { id, error } of Array.isArray(message) ? message : [message]) end(id, error?.code)
  })
  socket.on('close', (code) => {
    for (const id of [...waiting.keys()]) end(id, `CLOSED_${code}`)
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.on('error', (cause) => reject(unreachable(url, cause)))
  })
  return {
    send(intent, ended) {
      if (socket.readyState !== socket.OPEN) {
        ended('CLOSED')
        return
      }
      waiting.set(++sent, ended)
      socket.send(`{"id":${sent},"intent":${intent}}`)
    },
    close: () => socket.terminate(),
  }
}
