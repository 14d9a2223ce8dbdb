import type { BatchConfig } from '@millrace/files'

/** A first look: `npm start` runs over this repository's own dependencies, thousands of real files. */
const demo: BatchConfig & { dir: string } = { dir: 'node_modules', discover: { vendor: true } }

export default { profiles: { demo: { files: demo } } }
