import { addressOf, numeric, oneOf, type Readers, readAddress } from '../shell/address.ts'

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

const READERS: Readers<Settings> = {
  entities: numeric('entities', { min: 1, max: MOST_ENTITIES }, true),
  budget: {
    ...numeric('budgetMs', { min: LEAST_BUDGET_MS, max: MOST_BUDGET_MS }, false),
    allowed: `milliseconds from ${LEAST_BUDGET_MS} to ${MOST_BUDGET_MS}`,
  },
  policy: oneOf('policy', 'strict', 'shared'),
  millrace: oneOf('millrace', 'on', 'off'),
  render: oneOf('render', 'on', 'off'),
}

export function readSettings(search: string): { settings: Settings; faults: readonly string[] } {
  return readAddress(search, DEFAULTS, READERS)
}

export function queryOf(settings: Settings): string {
  return addressOf(settings, DEFAULTS)
}
