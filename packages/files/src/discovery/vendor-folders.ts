/**
 * Folders of other people's code, which a walk does not enter unless `vendor` is set. A name counts at any depth, except for
 * the root itself.
 */
export const VENDOR_FOLDERS: ReadonlySet<string> = new Set([
  'node_modules',
  'bower_components',
  'jspm_packages',
  '.yarn',
  '.pnpm-store',
  'vendor',
  'third_party',
  'third-party',
  'Pods',
  'Carthage',
  'venv',
  '.venv',
  'site-packages',
])

/** Folders that are never entered: the repository's own store, and the ledgers of Millrace. */
export const STORE_FOLDERS: ReadonlySet<string> = new Set(['.git', '.millrace'])
