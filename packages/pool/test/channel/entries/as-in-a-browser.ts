import { parentPort, workerData } from 'node:worker_threads'

/* Gives this thread what a dedicated worker of a browser has, and takes away what it has not; then it is `workerData`. */
const port = parentPort!
Object.assign(globalThis, {
  DedicatedWorkerGlobalScope: class {},
  postMessage: (message: unknown, transfer?: readonly ArrayBuffer[]) => port.postMessage(message, transfer),
  addEventListener: (type: string, listener: (event: { data: unknown }) => void) =>
    port.on(type, (data: unknown) => listener({ data })),
  close: () => process.exit(),
})
Object.defineProperty(process, 'getBuiltinModule', { value: undefined })
await import(String(workerData))
