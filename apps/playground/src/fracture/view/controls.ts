import { element } from '../../shell/element.ts'
import { wayOf } from '../drive/way.ts'
import { PATTERNS } from '../patterns.ts'
import { LIMITS, type Settings } from '../settings.ts'
import { drawPatterns } from './pattern-pictures.ts'

const OBJECTS = [50, 100, 200, 300, 500, 750, 1000, 2000]
const BUDGETS = [1, 2, 3, 4, 6, 8, 12, 16]

/** The controls of the page: they show settings, and tell when somebody changes them. */
export class Controls {
  readonly #form = element('controls', HTMLFormElement)
  readonly #onChange: (settings: Settings) => void
  #settings: Settings

  constructor(settings: Settings, onChange: (settings: Settings) => void) {
    this.#settings = settings
    this.#onChange = onChange
    for (const { name, label, key } of PATTERNS) {
      const input = Object.assign(document.createElement('input'), { type: 'radio', name: 'pattern', value: name })
      const picture = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
      picture.setAttribute('viewBox', '-20 -14 40 28')
      picture.setAttribute('aria-hidden', 'true')
      picture.append(document.createElementNS('http://www.w3.org/2000/svg', 'path'))
      const text = Object.assign(document.createElement('span'), { textContent: label })
      const chip = Object.assign(document.createElement('label'), { title: `${label}: ${key.toUpperCase()}` })
      chip.append(input, picture, text)
      element('patterns', HTMLFieldSetElement).append(chip)
    }
    this.#fill('objects', OBJECTS, settings.objects, '')
    this.#fill('budget', BUDGETS, settings.budgetMs, ' ms')
    Object.assign(this.#input('pieces'), LIMITS.pieces)
    Object.assign(this.#input('seed'), LIMITS.seed)
    this.#show()
    drawPatterns(settings.seed)
    // Some of its fields stand elsewhere on the page.
    document.addEventListener('input', ({ target }) => {
      const isOurs = target instanceof HTMLInputElement || target instanceof HTMLSelectElement
      if (isOurs && target.form === this.#form) this.change(this.#read())
    })
    this.#form.addEventListener('submit', (event) => event.preventDefault())
    element('roll', HTMLButtonElement).addEventListener('click', () =>
      this.change({ seed: Math.floor(Math.random() * LIMITS.seed.max) }),
    )
  }

  /** Changes settings as if somebody had done so by hand. */
  change(some: Partial<Settings>): void {
    const { seed } = this.#settings
    this.#settings = { ...this.#settings, ...some }
    this.#show()
    if (this.#settings.seed !== seed) drawPatterns(this.#settings.seed)
    this.#onChange(this.#settings)
  }

  #read(): Partial<Settings> {
    const { min, max } = LIMITS.seed
    const pattern = PATTERNS.find(({ name }) => name === new FormData(this.#form).get('pattern'))
    return {
      ...(pattern && { pattern: pattern.name }),
      objects: Number(this.#select('objects').value),
      budgetMs: Number(this.#select('budget').value),
      pieces: Number(this.#input('pieces').value),
      seed: Math.min(max, Math.max(min, Math.round(Number(this.#input('seed').value)))),
      vary: this.#input('vary').checked ? 'on' : 'off',
      cut: this.#input('cut').checked ? 'workers' : 'main',
      memory: this.#input('memory').checked ? 'shared' : 'messages',
      render: this.#input('render').checked ? 'on' : 'off',
    }
  }

  #show(): void {
    const { objects, pieces, seed, vary, cut, memory, render, pattern, budgetMs } = this.#settings
    element('mode', HTMLElement).textContent = wayOf(this.#settings, {
      isIsolated: crossOriginIsolated,
      canWait: 'waitAsync' in Atomics,
      threads: Math.max(1, navigator.hardwareConcurrency - 1),
    })
    element('count', HTMLElement).textContent = objects.toLocaleString('en')
    this.#input('pieces').value = `${pieces}`
    this.#field('piecesText', HTMLOutputElement).value = `${pieces}`
    if (Number(this.#input('seed').value) !== seed || this.#input('seed').value === '')
      this.#input('seed').value = `${seed}`
    this.#input('vary').checked = vary === 'on'
    this.#input('cut').checked = cut === 'workers'
    this.#input('memory').checked = memory === 'shared'
    this.#input('memory').disabled = cut === 'main'
    this.#input('render').checked = render === 'on'
    this.#select('objects').value = `${objects}`
    this.#select('budget').value = `${budgetMs}`
    for (const radio of this.#form.querySelectorAll<HTMLInputElement>('input[name=pattern]'))
      radio.checked = radio.value === pattern
  }

  #fill(name: string, values: readonly number[], value: number, unit: string): void {
    for (const each of [...new Set([...values, value])].sort((a, b) => a - b)) {
      this.#select(name).add(new Option(`${each.toLocaleString('en')}${unit}`, `${each}`))
    }
  }

  #input = (name: string) => this.#field(name, HTMLInputElement)
  #select = (name: string) => this.#field(name, HTMLSelectElement)

  #field<T extends HTMLElement>(name: string, kind: abstract new () => T): T {
    const found = this.#form.elements.namedItem(name)
    if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} called ${name}.`)
    return found
  }
}
