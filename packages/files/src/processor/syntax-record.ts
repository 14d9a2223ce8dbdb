/** The version of {@link SyntaxRecord}: raised when a field comes, goes or changes its meaning. */
export const SYNTAX_RECORD_SCHEMA = 2

/**
 * What the built-in processors say of a file: `syntax` of program text and markup, `ast-json` of a tree parsed before. The same for every language;
 * `docs/languages.md` has what of each is which kind of import, declaration and decision.
 *
 * Offsets count UTF-16 units from 0, as JavaScript strings do, a byte-order mark not counted; lines count from 1. What a tree does not
 * tell is null, or an empty list.
 */
export interface SyntaxRecord {
  readonly schema: typeof SYNTAX_RECORD_SCHEMA
  /** By the file's name, for example `typescript`. */
  readonly language: string | null
  /** What kind of tree the facts come from. Of `generic` trees only their shape is told, and of `tree-sitter` ones that came as JSON. */
  readonly dialect: AstDialect
  /** Lines of text; a line feed ends one, and the last counts without. */
  readonly lines: number | null
  /** Size of the file. */
  readonly bytes: number
  /** Nodes of the tree, its root included; tokens such as `(` and `if` are none. */
  readonly nodes: number
  /** Nodes on the longest way from the root to a leaf, both included. */
  readonly depth: number
  /** Cyclomatic complexity of the file: of its functions, plus that of its top-level code, counted like a function. Null where a language decides nothing. */
  readonly complexity: number | null
  /** Characters in comments out of all characters, 0 to 1, rounded to four decimals. */
  readonly commentRatio: number | null
  readonly imports: readonly ImportFact[]
  /** Told of JavaScript and TypeScript, which have statements for it; empty elsewhere. */
  readonly exports: readonly ExportFact[]
  readonly declarations: readonly DeclarationFact[]
  readonly functions: readonly FunctionFact[]
  /** What the parser objects to, in its order; of tree-sitter's at most 100. A file that does not parse has some, and perhaps an empty tree. */
  readonly diagnostics: readonly DiagnosticFact[]
}

/** Who made the tree: oxc makes `estree` ones, tree-sitter's grammars `tree-sitter` ones; the others came as JSON. */
export type AstDialect = 'estree' | 'babel' | 'tree-sitter' | 'generic'

/**
 * Another module or file this file names. In JavaScript and TypeScript dynamic imports and requires stand once each; computed specifiers are left out.
 */
export interface ImportFact {
  /** The specifier as written, without the names that are taken: `a.b` of Java's `import a.b.C` and of Python's `from a.b import C`. */
  readonly from: string
  /**
   * `static`: an `import` or `use` statement. `reexport`: an `export … from`, a `pub use`. `dynamic`: `import()` and calls that load a module by
   * name. `require`: a call of something named `require`, or TypeScript's `import x = require()`. `include`: a file becomes part of this one,
   * as by `#include`, `source` or `mod x;`.
   */
  readonly kind: 'static' | 'reexport' | 'dynamic' | 'require' | 'include'
  /** The names a statement takes from it, by the names it gives them: `default`, `*` for all, or a name; none where it is only run. Other kinds take all. */
  readonly names?: readonly string[]
  /** Present where only types are imported: nothing of it runs. */
  readonly typeOnly?: true
}

/** A name this file offers to others. */
export interface ExportFact {
  /** `default`, `*` for all that another module offers, or a name. */
  readonly name: string
  /** `commonjs`: assigned to `exports` or `module.exports` (which is `default`). `type`: TypeScript's `export type`. */
  readonly kind: 'named' | 'default' | 'all' | 'type' | 'commonjs'
}

/**
 * Something declared by name: variables at the top of the file or of a namespace, everything else wherever it stands. `rule` is one of a style sheet, by
 * its selectors, `element` one of a page, by its `id`.
 */
export interface DeclarationFact {
  readonly name: string
  readonly kind: DeclarationKind
  /** Offset of its first character. */
  readonly start: number | null
  /** Offset after its last character. */
  readonly end: number | null
  readonly line: number | null
  readonly endLine: number | null
}

export type DeclarationKind =
  | 'function'
  | 'class'
  | 'method'
  | 'getter'
  | 'setter'
  | 'property'
  | 'variable'
  | 'interface'
  | 'type'
  | 'enum'
  | 'namespace'
  | 'struct'
  | 'union'
  | 'trait'
  | 'macro'
  | 'rule'
  | 'element'

/** A function with a body: declaration, expression, arrow, method or accessor. */
export interface FunctionFact {
  /** Its own name, or that of what it is first assigned to; null where it has neither. */
  readonly name: string | null
  readonly line: number | null
  /**
   * McCabe's cyclomatic complexity: 1, plus 1 for each `if`, `?:`, loop, `case` with a test, `catch`, `&&`, `||`, `??` and their
   * assignments, or what a language has in their place, functions within not counted.
   */
  readonly complexity: number
}

export interface DiagnosticFact {
  readonly message: string
  readonly severity: 'error' | 'warning' | 'advice'
  readonly start: number | null
  readonly line: number | null
}
