/** What of an address's query makes a setting, and what it may be. */
export interface Reader<Settings> {
  readonly allowed: string
  read(text: string): Partial<Settings> | undefined
}

export type Readers<Settings> = Readonly<Record<string, Reader<Settings>>>

/** Reads an address's query. What it cannot use, it says in a sentence each, and leaves at the default. */
export function readAddress<Settings extends object>(
  search: string,
  defaults: Settings,
  readers: Readers<Settings>,
): { settings: Settings; faults: readonly string[] } {
  const faults: string[] = []
  let settings = defaults
  for (const [name, text] of new URLSearchParams(search)) {
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined
    const read = reader?.read(text)
    if (read !== undefined) settings = { ...settings, ...read }
    else if (reader !== undefined)
      faults.push(`The address says ${name}=${text}, but ${name} must be ${reader.allowed}.`)
    else faults.push(`The address says ${name}, but this page knows only ${Object.keys(readers).join(', ')}.`)
  }
  return { settings, faults }
}

/** The query by which {@link readAddress} gives `settings`, as short as it can be: only `budgetMs` has another name there. */
export function addressOf<Settings extends object>(settings: Settings, defaults: Settings): string {
  const query = new URLSearchParams()
  for (const key of Object.keys(defaults) as (keyof Settings & string)[]) {
    if (settings[key] !== defaults[key]) query.set(key === 'budgetMs' ? 'budget' : key, `${settings[key]}`)
  }
  return query.size === 0 ? '' : `?${query}`
}

/** A number within bounds. */
export function numeric<Settings>(
  name: keyof Settings,
  { min, max }: { readonly min: number; readonly max: number },
  isWhole: boolean,
): Reader<Settings> {
  return {
    allowed: `${isWhole ? 'a whole number' : 'a number'} from ${min} to ${max.toLocaleString('en')}`,
    read: (text) => {
      const value = text.trim() === '' ? Number.NaN : Number(text)
      const isGood = value >= min && value <= max && (!isWhole || Number.isInteger(value))
      return isGood ? ({ [name]: value } as Partial<Settings>) : undefined
    },
  }
}

/** One of some words. */
export function oneOf<Settings>(name: keyof Settings, ...values: readonly string[]): Reader<Settings> {
  return {
    allowed: values.length === 2 ? values.join(' or ') : `one of ${values.join(', ')}`,
    read: (text) => (values.includes(text) ? ({ [name]: text } as Partial<Settings>) : undefined),
  }
}
