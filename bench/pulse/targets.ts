import { fork } from 'node:child_process'
import { on, once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface TargetsPlan {
  /** Each on an address of its own, all on the same port. */
  readonly hosts: number
  /** The first so many hang when they are told to. */
  readonly moody: number
}

/** What the process tells: once where it listens, then each mood it is in. */
export type TargetsWord = { readonly port: number } | { readonly isHanging: boolean }

/** HTTP servers in a process of their own, which answer each request with a 204. */
export interface Targets extends AsyncDisposable {
  readonly port: number
  /** Whether the moody ones take connections and requests, and say nothing. Resolves when they do. */
  hang(isHanging: boolean): Promise<void>
}

/** The address of a host. Linux has the whole of 127.0.0.0/8 without being asked. */
export function addressOf(host: number): string {
  return `127.0.${1 + (host >> 8)}.${host & 255}`
}

export async function startTargets(plan: TargetsPlan): Promise<Targets> {
  const child = fork(fileURLToPath(new URL('./targets-process.ts', import.meta.url)), [JSON.stringify(plan)])
  const words = on(child, 'message', { close: ['exit'] })
  const next = async (): Promise<TargetsWord> => {
    const { value, done } = await words.next()
    if (done === true) throw new Error('The targets ended')
    return (value as [TargetsWord])[0]
  }
  const first = await next()
  if (!('port' in first)) throw new Error('The targets did not say where they listen')
  return {
    port: first.port,
    hang: async (isHanging) => {
      child.send({ isHanging })
      await next()
    },
    [Symbol.asyncDispose]: async () => {
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    },
  }
}
