import { MillraceError } from '@millrace/kernel/errors'
import type { BatchConfig } from './config.ts'

/** What a job keeps of its configuration, so that it can be resumed by somebody who knows nothing but its id. */
interface StoredConfig {
  /** The folder that relative paths and processors are resolved against. */
  readonly base: string
  readonly config: BatchConfig
  /** Options that are code, which no ledger can hold: their names, and what they were called. */
  readonly code: Readonly<Record<string, string>>
}

/** Options that may be code. */
const CODE = ['priority', 'strategy', 'sink'] as const

/** The configuration as JSON; what is code is left out, and noted. */
export function storeConfig(config: BatchConfig, base: string): string {
  const plain: Record<string, unknown> = { ...config }
  const code: Record<string, string> = {}
  for (const name of CODE) {
    const value: unknown = config[name]
    const isCode = typeof value === 'function' || (typeof value === 'object' && value !== null && !Array.isArray(value))
    if (!isCode) continue
    delete plain[name]
    code[name] = 'name' in value && typeof value.name === 'string' && value.name !== '' ? value.name : 'a function'
  }
  return JSON.stringify({ base, config: plain, code } satisfies StoredConfig)
}

/**
 * The configuration of a stored job, with `own` on top of it.
 * @throws {MillraceError} `RESUME_NEEDS_OPTION` where the job had an option that is code, and `own` has none in its place.
 */
export function restoreConfig(jobId: string, json: string, own: BatchConfig): { config: BatchConfig; base: string } {
  const { base, config, code } = JSON.parse(json) as StoredConfig
  for (const [name, called] of Object.entries(code)) {
    if (own[name as keyof BatchConfig] !== undefined) continue
    throw new MillraceError(
      'RESUME_NEEDS_OPTION',
      `Job ${jobId} was started with a ${name} of its own (${called}), which the ledger cannot hold. Resume it with the same \`${name}\` in the configuration.`,
      { detail: { jobId, option: name, called } },
    )
  }
  return { config: { ...config, ...own }, base }
}
