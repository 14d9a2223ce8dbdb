import type { Language, Parser } from 'web-tree-sitter'
import { loadPeer } from '../processor/load-peer.ts'
import { type ParserMemory, parserMemory } from './parser-memory.ts'
import { Memory } from './web-assembly.ts'

/** What reads all languages. */
export interface ParserRuntime {
  readonly Language: typeof Language
  readonly Parser: typeof Parser
  /** Its memory, where it can be reached. */
  readonly memory: ParserMemory | undefined
}

const PAGES_PER_MB = 16
/** What the parser begins with, MB. */
const INITIAL_HEAP_MB = 32

/** Of web-tree-sitter there is one in a process, whoever asks for it. */
let started: Promise<ParserRuntime> | undefined

/**
 * The parser of this process; who asks first says how much memory it may have.
 * @param doing What it is needed for, as in {@link loadPeer}.
 * @throws {MillraceError} `PEER_MISSING` where it is not installed.
 */
export function parserRuntime(doing: string, maxHeapMb: number): Promise<ParserRuntime> {
  started ??= loadPeer('web-tree-sitter', doing, async () => {
    const { Language, Parser } = await import('web-tree-sitter')
    const options = {
      wasmMemory: new Memory({ initial: INITIAL_HEAP_MB * PAGES_PER_MB, maximum: maxHeapMb * PAGES_PER_MB }),
    }
    await Parser.init(options)
    return { Language, Parser, memory: parserMemory(options) }
  })
  return started
}
