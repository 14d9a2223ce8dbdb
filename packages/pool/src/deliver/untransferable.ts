import { hostGlobals } from '../host-globals.ts'

/**
 * Returns `buffer`, in which results of several tasks lie: in Node the host refuses to transfer it from now on, as that
 * would take the others along. Browsers have no such thing.
 */
export function untransferable(buffer: ArrayBuffer): ArrayBuffer {
  hostGlobals().process?.getBuiltinModule?.('node:worker_threads').markAsUntransferable(buffer)
  return buffer
}
