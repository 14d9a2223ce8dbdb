import type { DeclarationKind, ImportFact } from '../processor/syntax-record.ts'
import type { SyntaxNode } from './syntax-node.ts'

/** Where a grammar lies: a package, and the WebAssembly file in it. */
export interface GrammarPlace {
  readonly package: string
  readonly file: string
}

/** What the code around a node is: the file itself or a namespace of it, the members of a type, or the body of a function. */
export type Surroundings = 'file' | 'namespace' | 'type' | 'function'

/** Where rules put what they find. Nodes are valid until the rule returns. */
export interface FactSink {
  /** What the node stands in. */
  readonly around: Surroundings
  /** Type of the node's parent, empty at the root. */
  readonly parentType: string
  /** The node's text, as written. */
  text(node: SyntaxNode): string
  /** Whether the source matches `pattern`, a sticky one, where the node begins. Costs less than its text. */
  begins(node: SyntaxNode, pattern: RegExp): boolean
  /** Adds a declaration that reaches over `whole`; nothing where it has no name. */
  declare(kind: DeclarationKind, name: SyntaxNode | string | null, whole: SyntaxNode): void
  /** As {@link FactSink.declare}, but only the first of its name in the file: in many languages a later one assigns. */
  declareOnce(kind: DeclarationKind, name: SyntaxNode | string | null, whole: SyntaxNode): void
  import(kind: ImportFact['kind'], from: string, names?: readonly string[]): void
}

/** What a node tells. */
export type FactRule = (node: SyntaxNode, sink: FactSink) => void

/** A function's name, null where it has none; undefined where it has no body and so is no function. Declares it, where it declares anything. */
export type FunctionRule = (node: SyntaxNode, sink: FactSink) => SyntaxNode | string | null | undefined

/**
 * All that is known of a language, by the types of its grammar's nodes. Types that only rules of tokens name (`operators`) are those without a name
 * in the grammar, all others are named nodes.
 */
export interface LanguageRules {
  readonly grammar: GrammarPlace
  readonly comments: readonly string[]
  /** Whether there is anything to decide in it; a language without has no complexity. */
  readonly decides: boolean
  /** Types that add a way through their function. */
  readonly branches?: readonly string[]
  /** Types that add a way where the node says so. */
  readonly branchesIf?: Readonly<Record<string, (node: SyntaxNode, sink: FactSink) => boolean>>
  /** Tokens that add a way, such as `&&` and `case`, each with the types of the nodes in which it does. */
  readonly operators?: Readonly<Record<string, readonly string[]>>
  readonly functions?: Readonly<Record<string, FunctionRule>>
  readonly facts: Readonly<Record<string, FactRule>>
  /** What the insides of a type are. Those of a function are known. */
  readonly surroundings?: Readonly<Record<string, Surroundings>>
  /** Types that say of themselves that something is wrong, and what. */
  readonly faults?: Readonly<Record<string, string>>
}
