import { vi } from 'vitest'

type Task = () => void

/** Stands in for a host's event loop: what is posted waits in line until it is told to run. */
export class FakeEventLoop {
  #tasks: { readonly task: Task; readonly isOpen: () => boolean }[] = []
  #openPorts = 0

  /** Tasks that wait, and ports that would keep a process alive. */
  get pending(): number {
    return this.#tasks.filter(({ isOpen }) => isOpen()).length + this.#openPorts
  }

  /** Runs what waits now, but not what it posts; errors go to `onError`, as uncaught ones. */
  runTurn(onError: (error: unknown) => void): void {
    const tasks = this.#tasks
    this.#tasks = []
    for (const { task, isOpen } of tasks) {
      if (!isOpen()) continue
      try {
        task()
      } catch (error) {
        onError(error)
      }
    }
  }

  /** Until `vi.unstubAllGlobals()`, immediates are of this loop, as in Node. */
  stubImmediates(): void {
    vi.stubGlobal('setImmediate', (task: Task) => {
      const immediate = { open: true }
      const once = () => {
        immediate.open = false
        task()
      }
      this.#tasks.push({ task: once, isOpen: () => immediate.open })
      return immediate
    })
    vi.stubGlobal('clearImmediate', (immediate?: { open: boolean }) => {
      if (immediate !== undefined) immediate.open = false
    })
  }

  /** Until `vi.unstubAllGlobals()`, there are no immediates, as in a browser, and messages are of this loop. */
  stubMessages(): void {
    const loop = this
    vi.stubGlobal('setImmediate', undefined)
    vi.stubGlobal(
      'MessageChannel',
      class {
        readonly port1 = loop.#openPort()
        readonly port2 = { postMessage: () => this.port1.take() }
      },
    )
  }

  #openPort() {
    const loop = this
    loop.#openPorts++
    let isOpen = true
    return {
      onmessage: null as Task | null,
      take() {
        if (isOpen) loop.#tasks.push({ task: () => this.onmessage?.(), isOpen: () => isOpen })
      },
      close() {
        if (isOpen) loop.#openPorts--
        isOpen = false
      },
    }
  }
}
