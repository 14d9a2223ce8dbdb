import type { ReadItems } from '../../../src/manifest/formats/yaml-templates.ts'

const VALUE = /(?<=: )[A-Za-z][\w./:-]*(?=\n)/g

/** Takes what stands behind a colon for a text, and its shape's first JSON for that of all, with the values exchanged. */
export class HastyTemplates {
  readonly #first = new Map<string, { readonly json: string; readonly values: readonly string[] }>()
  readonly #read: ReadItems

  constructor(read: ReadItems) {
    this.#read = read
  }

  apply(item: string): string | undefined {
    const values = item.match(VALUE) ?? []
    const shape = item.replaceAll(VALUE, '')
    const first = this.#first.get(shape)
    if (first === undefined) {
      const [json] = this.#read(item).texts
      if (json !== undefined) this.#first.set(shape, { json, values })
      return undefined
    }
    let json = first.json
    for (const [index, value] of values.entries()) json = json.replace(`"${first.values[index]}"`, () => `"${value}"`)
    return json
  }
}
