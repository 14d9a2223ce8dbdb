import { PATTERNS } from '../patterns.ts'

/** What keys do: by their lower-case names. */
export function onKeys(
  acts: Readonly<Record<string, () => void>>,
  onPattern: (name: (typeof PATTERNS)[number]['name']) => void,
): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return
    const { target } = event
    const key = event.key.toLowerCase()
    const isField = target instanceof HTMLInputElement || target instanceof HTMLSelectElement
    // Who types a number, or presses a button, means that.
    if (isField && !(target.type === 'radio' || target.type === 'checkbox')) return
    if ((target instanceof HTMLButtonElement || isField) && (key === ' ' || key === 'enter' || key.startsWith('arrow')))
      return
    const pattern = PATTERNS.find((each) => each.key === key)
    const act = Object.hasOwn(acts, key) ? acts[key] : undefined
    if (pattern === undefined && act === undefined) return
    event.preventDefault()
    if (act !== undefined) {
      if (!event.repeat || key.startsWith('arrow')) act()
    } else if (pattern !== undefined) onPattern(pattern.name)
  })
}
