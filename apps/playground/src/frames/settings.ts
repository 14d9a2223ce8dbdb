/** What the page can be told by its address, and by its controls. */
export interface Settings {
  readonly entities: number
  readonly budgetMs: number
  readonly policy: 'strict' | 'shared'
  /** Without Millrace, all systems run to their end in every frame. */
  readonly millrace: 'on' | 'off'
  /** Without, nothing is drawn: where there is no graphics card, drawing would take what is to be measured. */
  readonly render: 'on' | 'off'
}

const DEFAULTS: Settings = { entities: 10_000, budgetMs: 2.5, policy: 'shared', millrace: 'on', render: 'on' }

const MOST_ENTITIES = 200_000
export const LEAST_BUDGET_MS = 0.5
export const MOST_BUDGET_MS = 16

type Reader = (text: string) => Partial<Settings> | undefined

const READERS: Readonly<Record<string, { readonly allowed: string; readonly read: Reader }>> = {
  entities: {
    allowed: `a whole number from 1 to ${MOST_ENTITIES.toLocaleString('en')}`,
    read: (text) => {
      const entities = numberOf(text)
      return Number.isInteger(entities) && entities >= 1 && entities <= MOST_ENTITIES ? { entities } : undefined
    },
  },
  budget: {
    allowed: `milliseconds from ${LEAST_BUDGET_MS} to ${MOST_BUDGET_MS}`,
    read: (text) => {
      const budgetMs = numberOf(text)
      return budgetMs >= LEAST_BUDGET_MS && budgetMs <= MOST_BUDGET_MS ? { budgetMs } : undefined
    },
  },
  policy: oneOf('policy', 'strict', 'shared'),
  millrace: oneOf('millrace', 'on', 'off'),
  render: oneOf('render', 'on', 'off'),
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
  const add = (name: string, key: keyof Settings) => {
    if (settings[key] !== DEFAULTS[key]) query.set(name, String(settings[key]))
  }
  add('entities', 'entities')
  add('budget', 'budgetMs')
  add('policy', 'policy')
  add('millrace', 'millrace')
  add('render', 'render')
  return query.size === 0 ? '' : `?${query}`
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}

function oneOf(name: keyof Settings, ...values: readonly string[]) {
  return {
    allowed: values.join(' or '),
    read: (text: string) => (values.includes(text) ? { [name]: text } : undefined),
  }
}
