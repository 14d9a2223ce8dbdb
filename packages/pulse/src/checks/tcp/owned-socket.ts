import { Socket } from 'node:net'

/** Whom a socket tells what happens to it. */
export interface SocketOwner {
  connected(): void
  /** The first `count` bytes of `bytes`, which are another's once this call has returned. */
  received(bytes: Uint8Array, count: number): void
  /** Nothing more comes. It may be told more than once. */
  ended(): void
  broke(error: Error): void
}

/** PERF: all sockets read into the same memory, one after another; else Node takes 64 KiB from the heap for each. bench/pulse/probes.bench.ts */
const RECEIVED = new Uint8Array(65_536)

/** A TCP socket with one owner, who may let go of it at any time. */
export class OwnedSocket extends Socket {
  owner: SocketOwner | undefined

  /** @param reads is whether what comes is told; else another reads from the socket. */
  constructor(owner: SocketOwner, reads: boolean) {
    if (reads) {
      const callback = (count: number) => {
        this.owner?.received(RECEIVED, count)
        return true
      }
      super({ onread: { buffer: RECEIVED, callback } })
    } else super()
    this.owner = owner
    this.on('connect', connected)
    this.on('error', broke)
    // PERF: who reads is told of the end by the one or the other; there is no third. bench/pulse/probes.bench.ts
    this.on(reads ? 'end' : 'close', ended)
  }

  /** Closes at once and for good. A connection is reset: one that is closed in order would hold its local port for a minute. */
  discard(): void {
    this.owner = undefined
    if (this.destroyed) return
    // What is still connecting, Node would reset only once it is connected.
    if (this.connecting) this.destroy()
    else this.resetAndDestroy()
  }
}

function connected(this: OwnedSocket): void {
  this.owner?.connected()
}

function ended(this: OwnedSocket): void {
  this.owner?.ended()
}

function broke(this: OwnedSocket, error: Error): void {
  this.owner?.broke(error)
}
