import type { FracturePattern } from '@millrace/fracture'
import { addressOf, numeric, oneOf, type Readers, readAddress } from '../shell/address.ts'
import { PATTERNS } from './patterns.ts'

/** What the page can be told by its address, and by its controls. */
export interface Settings {
  readonly objects: number
  readonly pattern: FracturePattern
  readonly pieces: number
  readonly seed: number
  /** Whether each object has a seed of its own; else the same kind breaks in the same way, and the cache knows it. */
  readonly vary: 'on' | 'off'
  readonly cut: 'workers' | 'main'
  readonly memory: 'shared' | 'messages'
  /** Of the page's systems, in a frame. */
  readonly budgetMs: number
  readonly render: 'on' | 'off'
  /** How finely it is drawn: by itself coarser where drawing is slow. */
  readonly detail: 'auto' | 'full'
}

const DEFAULTS: Settings = {
  objects: 500,
  pattern: 'impact',
  pieces: 10,
  seed: 1,
  vary: 'on',
  cut: 'workers',
  memory: 'shared',
  budgetMs: 4,
  render: 'on',
  detail: 'auto',
}

export const LIMITS = {
  objects: { min: 20, max: 2000 },
  pieces: { min: 2, max: 60 },
  seed: { min: 0, max: 999_999 },
  budget: { min: 1, max: 16 },
} as const

const READERS: Readers<Settings> = {
  objects: numeric('objects', LIMITS.objects, true),
  pattern: oneOf('pattern', ...PATTERNS.map(({ name }) => name)),
  pieces: numeric('pieces', LIMITS.pieces, true),
  seed: numeric('seed', LIMITS.seed, true),
  vary: oneOf('vary', 'on', 'off'),
  cut: oneOf('cut', 'workers', 'main'),
  memory: oneOf('memory', 'shared', 'messages'),
  budget: numeric('budgetMs', LIMITS.budget, false),
  render: oneOf('render', 'on', 'off'),
  detail: oneOf('detail', 'auto', 'full'),
}

export function readSettings(search: string): { settings: Settings; faults: readonly string[] } {
  return readAddress(search, DEFAULTS, READERS)
}

export function queryOf(settings: Settings): string {
  return addressOf(settings, DEFAULTS)
}
