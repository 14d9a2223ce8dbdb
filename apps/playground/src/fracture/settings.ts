import type { FracturePattern } from '@millrace/fracture'
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

type Reader = (text: string) => Partial<Settings> | undefined

const READERS: Readonly<Record<string, { readonly allowed: string; readonly read: Reader }>> = {
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

/** Reads an address's query. What it cannot use, it says in a sentence each, and leaves at the default. */
export function readSettings(search: string): { settings: Settings; faults: readonly string[] } {
  const faults: string[] = []
  let settings = DEFAULTS
  for (const [name, text] of new URLSearchParams(search)) {
    const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined
    const read = reader?.read(text)
    if (read !== undefined) settings = { ...settings, ...read }
    else if (reader !== undefined)
      faults.push(`The address says ${name}=${text}, but ${name} must be ${reader.allowed}.`)
    else faults.push(`The address says ${name}, but this page knows only ${Object.keys(READERS).join(', ')}.`)
  }
  return { settings, faults }
}

/** The query by which {@link readSettings} gives `settings`, as short as it can be. */
export function queryOf(settings: Settings): string {
  const query = new URLSearchParams()
  for (const key of Object.keys(DEFAULTS) as (keyof Settings)[]) {
    if (settings[key] !== DEFAULTS[key]) query.set(key === 'budgetMs' ? 'budget' : key, `${settings[key]}`)
  }
  return query.size === 0 ? '' : `?${query}`
}

function numeric(name: keyof Settings, { min, max }: { readonly min: number; readonly max: number }, isWhole: boolean) {
  return {
    allowed: `${isWhole ? 'a whole number' : 'a number'} from ${min} to ${max.toLocaleString('en')}`,
    read: (text: string) => {
      const value = text.trim() === '' ? Number.NaN : Number(text)
      return value >= min && value <= max && (!isWhole || Number.isInteger(value)) ? { [name]: value } : undefined
    },
  }
}

function oneOf(name: keyof Settings, ...values: readonly string[]) {
  return {
    allowed: `one of ${values.join(', ')}`,
    read: (text: string) => (values.includes(text) ? { [name]: text } : undefined),
  }
}
