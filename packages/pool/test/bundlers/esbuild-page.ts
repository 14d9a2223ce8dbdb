import type { WorkerLike } from '../../src/index.ts'
import { openPage } from '../browser/page.ts'

/** A browser's. */
declare const Worker: new (address: URL | string, options: { readonly type: 'module' }) => WorkerLike

/* esbuild leaves the address as it is: it is that of the worker's own bundle, beside this one. */
openPage({
  worker: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
  missing: () => new Worker('/no-such-worker.js', { type: 'module' }),
})
