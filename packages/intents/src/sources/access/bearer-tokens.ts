import { createHash, timingSafeEqual } from 'node:crypto'
import { MillraceError } from '@millrace/kernel/errors'

/** What a header can carry, and a WebSocket's subprotocol too. */
const TOKEN = /^[\w.~+/=-]{8,1000}$/

/**
 * Bearer tokens by which clients are let in (RFC 6750). Without any, everybody is.
 *
 * How long a comparison takes tells nothing of a token: digests are compared, in constant time, and all of them.
 */
export class BearerTokens {
  readonly #digests: readonly Buffer[]

  /** @throws {MillraceError} `OPTION_INVALID` for a token that no header could carry, or that is shorter than 8 characters. */
  constructor(tokens: readonly string[] = []) {
    for (const [index, token] of tokens.entries()) if (typeof token !== 'string' || !TOKEN.test(token)) refuse(index)
    this.#digests = tokens.map(digestOf)
  }

  /** Whether a client must show one. */
  get isRequired(): boolean {
    return this.#digests.length > 0
  }

  /** The number of the token in an `Authorization` header; undefined where it is none of these. */
  fromHeader(authorization: string | undefined): number | undefined {
    const [, token] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? []
    if (token === undefined) return undefined
    const digest = digestOf(token)
    let found: number | undefined
    for (const [index, known] of this.#digests.entries()) if (timingSafeEqual(known, digest)) found = index
    return found
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

function refuse(index: number): never {
  throw new MillraceError(
    'OPTION_INVALID',
    `BearerTokens: tokens[${index}] must be 8 to 1000 letters, digits or . _ ~ + / = -, such as \`openssl rand -hex 32\` prints`,
    { detail: { owner: 'BearerTokens', option: `tokens[${index}]` } },
  )
}
