import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'

/** How often the file is looked at, in ms, at most. */
const LOOK_AGAIN_MS = 5000
const MAX_FILE_BYTES = 1 << 20

/** Addresses by name, as `/etc/hosts` has them: read at the first question, and again after it has changed. One that cannot be read has none. */
export class HostsFile {
  readonly #path: string
  #byName = new Map<string, string[]>()
  #lookedAt = Number.NEGATIVE_INFINITY
  #stamp = ''

  constructor(path: string) {
    this.#path = path
  }

  /** @param name is in small letters. */
  addressesOf(name: string, now: number): readonly string[] | undefined {
    if (now - this.#lookedAt >= LOOK_AGAIN_MS) {
      this.#lookedAt = now
      this.#look()
    }
    return this.#byName.get(name)
  }

  #look(): void {
    try {
      const { mtimeMs, size, ino } = statSync(this.#path)
      const stamp = `${mtimeMs} ${size} ${ino}`
      if (stamp === this.#stamp || size > MAX_FILE_BYTES) return
      this.#byName = parseHosts(readFileSync(this.#path, 'utf8'))
      this.#stamp = stamp
    } catch {
      this.#byName = new Map()
      this.#stamp = ''
    }
  }
}

function parseHosts(text: string): Map<string, string[]> {
  const byName = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (isIP(address) === 0) continue
    for (const name of names) {
      const known = byName.get(name.toLowerCase())
      if (known === undefined) byName.set(name.toLowerCase(), [address])
      else if (!known.includes(address)) known.push(address)
    }
  }
  return byName
}
