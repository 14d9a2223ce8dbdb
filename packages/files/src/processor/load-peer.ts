import { MillraceError } from '@millrace/kernel/errors'

/**
 * Loads an optional peer, when it is first needed.
 * @param load Imports it: `() => import('gpt-tokenizer')`, so that types and bundlers know.
 * @throws {MillraceError} `PEER_MISSING` naming the package and what wants it.
 */
export async function loadPeer<M>(name: string, wantedBy: string, load: () => Promise<M>): Promise<M> {
  try {
    return await load()
  } catch (cause) {
    throw new MillraceError(
      'PEER_MISSING',
      `${wantedBy} needs the package ${name}, which could not be loaded. Install it: npm install ${name}`,
      { detail: { package: name }, cause },
    )
  }
}
