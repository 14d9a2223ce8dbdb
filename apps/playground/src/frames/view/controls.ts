import { element } from '../../shell/element.ts'
import { LEAST_BUDGET_MS, MOST_BUDGET_MS, type Settings } from '../settings.ts'

const ENTITIES = [1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000]

/** The controls of the page: they show settings, and tell when somebody changes them. */
export class Controls {
  readonly #form = element('controls', HTMLFormElement)
  readonly #entities = this.#field('entities', HTMLSelectElement)
  readonly #budget = this.#field('budget', HTMLInputElement)
  readonly #budgetText = this.#field('budgetText', HTMLOutputElement)
  readonly #millrace = this.#field('millrace', HTMLInputElement)
  readonly #render = this.#field('render', HTMLInputElement)
  #settings: Settings

  constructor(settings: Settings, onChange: (settings: Settings) => void) {
    this.#settings = settings
    const counts = new Set([...ENTITIES, settings.entities])
    for (const count of [...counts].sort((a, b) => a - b)) {
      this.#entities.add(new Option(count.toLocaleString('en'), `${count}`))
    }
    Object.assign(this.#budget, { min: LEAST_BUDGET_MS, max: MOST_BUDGET_MS, step: 'any' })
    this.#entities.value = `${settings.entities}`
    this.#budget.value = `${settings.budgetMs}`
    this.#millrace.checked = settings.millrace === 'on'
    this.#render.checked = settings.render === 'on'
    for (const radio of this.#policies()) radio.checked = radio.value === settings.policy
    this.#show()
    this.#form.addEventListener('input', () => {
      this.#settings = this.#read()
      this.#show()
      onChange(this.#settings)
    })
    this.#form.addEventListener('submit', (event) => event.preventDefault())
  }

  #read(): Settings {
    return {
      ...this.#settings,
      entities: Number(this.#entities.value),
      budgetMs: Math.round(Number(this.#budget.value) * 10) / 10,
      policy: this.#policies().some(({ value, checked }) => checked && value === 'shared') ? 'shared' : 'strict',
      millrace: this.#millrace.checked ? 'on' : 'off',
      render: this.#render.checked ? 'on' : 'off',
    }
  }

  #show(): void {
    const { budgetMs, millrace, entities } = this.#settings
    this.#budgetText.value = `${budgetMs} ms`
    for (const radio of this.#policies()) radio.disabled = millrace === 'off'
    element('claim', HTMLElement).textContent =
      millrace === 'on'
        ? `Five systems move ${entities.toLocaleString('en')} fish, and take no more than ${budgetMs} ms of a frame: what does not fit goes on in the next.`
        : `Five systems move ${entities.toLocaleString('en')} fish, and each frame waits until all of them are done.`
  }

  #policies(): HTMLInputElement[] {
    return [...this.#form.querySelectorAll<HTMLInputElement>('input[name=policy]')]
  }

  #field<T extends HTMLElement>(name: string, kind: abstract new () => T): T {
    const found = this.#form.elements.namedItem(name)
    if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} called ${name}.`)
    return found
  }
}
