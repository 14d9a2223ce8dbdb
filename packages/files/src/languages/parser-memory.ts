/** The functions of the parser's WebAssembly module that are called directly, as its C sources name them. */
const CALLS = [
  'ts_init',
  'ts_tree_root_node_wasm',
  'ts_tree_cursor_new_wasm',
  'ts_tree_cursor_delete_wasm',
  'ts_tree_cursor_goto_first_child_wasm',
  'ts_tree_cursor_goto_next_sibling_wasm',
  'ts_tree_cursor_goto_parent_wasm',
  'ts_tree_cursor_current_node_type_id_wasm',
  'ts_tree_cursor_current_node_is_missing_wasm',
  'ts_tree_cursor_current_node_wasm',
  'ts_tree_cursor_start_index_wasm',
  'ts_tree_cursor_end_index_wasm',
  'ts_node_symbol_wasm',
  'ts_node_is_named_wasm',
  'ts_node_end_index_wasm',
  'ts_node_parent_wasm',
  'ts_node_child_wasm',
  'ts_node_named_child_wasm',
  'ts_node_children_wasm',
  'ts_node_named_children_wasm',
  'ts_node_child_by_field_id_wasm',
  'ts_node_children_by_field_id_wasm',
  'free',
] as const

/** They take an address, most of them that of a tree, and what else they need from the words at `base`; flags are 0 or 1. */
export type ParserCalls = { readonly [name in (typeof CALLS)[number]]: (address?: number, value?: number) => number }

export interface WordHolder {
  /** Keeps its words elsewhere, and holds the place no longer. */
  putAside(): void
}

/** Bytes of a word. */
export const WORD = 4

/**
 * The parser's WebAssembly module, called without web-tree-sitter between: each of its functions takes what it works on, a cursor or a node,
 * from the same few words of memory and leaves there what comes of it.
 */
export class ParserMemory {
  readonly calls: ParserCalls
  /** Where the words are through which everything passes, in words. */
  readonly base: number
  /** Who has its words there, and is to put them aside before another needs the place. */
  holder: WordHolder | undefined
  readonly #memory: { readonly buffer: ArrayBuffer }
  #words: Int32Array

  constructor(calls: ParserCalls, memory: { readonly buffer: ArrayBuffer }) {
    this.calls = calls
    this.#memory = memory
    this.base = calls.ts_init() / WORD
    this.#words = new Int32Array(memory.buffer)
  }

  /**
   * All of the memory, as it is after the last call: one that makes it grow leaves what was given before without a word in it.
   * PERF: a view that is detached is empty, which costs less to see than which buffer the memory has (`npm run bench -- languages`).
   */
  get words(): Int32Array {
    if (this.#words.length === 0) this.#words = new Int32Array(this.#memory.buffer)
    return this.#words
  }
}

/** The memory of the module that was started with `options`; undefined where it has not all that is needed, as in another version, or where another was started before. */
export function parserMemory(options: {
  readonly wasmMemory: { readonly buffer: ArrayBuffer }
}): ParserMemory | undefined {
  // The options of a module that Emscripten starts become the module.
  const module = options as unknown as Readonly<Record<string, unknown>>
  const calls = CALLS.map((name) => [name, module[`_${name}`]] as const)
  if (calls.some(([, call]) => typeof call !== 'function')) return undefined
  return new ParserMemory(Object.fromEntries(calls) as ParserCalls, options.wasmMemory)
}
