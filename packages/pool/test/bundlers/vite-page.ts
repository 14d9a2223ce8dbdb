import type { WorkerLike } from '../../src/index.ts'
import { openPage } from '../browser/page.ts'

/** A browser's. */
declare const Worker: new (address: URL | string, options: { readonly type: 'module' }) => WorkerLike

openPage({
  worker: () => new Worker(new URL('../conformance/worker.ts', import.meta.url), { type: 'module' }),
  missing: () => new Worker('/no-such-worker.js', { type: 'module' }),
})
