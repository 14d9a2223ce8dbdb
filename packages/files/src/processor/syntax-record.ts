/**
 * What the built-in processors say of a file: `syntax` of program text, `ast-json` of a tree parsed before.
 *
 * Offsets count UTF-16 units from 0, as JavaScript strings do, a byte-order mark not counted; lines count from 1. What a tree does not
 * tell is null, or an empty list.
 */
export interface SyntaxRecord {
  /** By the file's name, for example `typescript`. */
  readonly language: string | null
  /** What kind of tree the facts come from. Of `tree-sitter` and `generic` trees only their shape is told. */
  readonly dialect: AstDialect
  /** Lines of text; a line feed ends one, and the last counts without. */
  readonly lines: number | null
  /** Size of the file. */
  readonly bytes: number
  /** Nodes of the tree, its root included. */
  readonly nodes: number
  /** Nodes on the longest way from the root to a leaf, both included. */
  readonly depth: number
  /** Cyclomatic complexity of the file: of its functions, plus that of its top-level code, counted like a function. */
  readonly complexity: number | null
  /** Characters in comments out of all characters, 0 to 1, rounded to four decimals. */
  readonly commentRatio: number | null
  readonly imports: readonly ImportFact[]
  readonly exports: readonly ExportFact[]
  readonly declarations: readonly DeclarationFact[]
  readonly functions: readonly FunctionFact[]
  /** What the parser objects to, in its order. A file that does not parse has some, and perhaps an empty tree. */
  readonly diagnostics: readonly DiagnosticFact[]
}

/** `estree` and `babel` trees tell everything, `tree-sitter` and `generic` ones their shape. */
export type AstDialect = 'estree' | 'babel' | 'tree-sitter' | 'generic'

/** Another module this file names. Dynamic imports and requires stand once each; computed specifiers are left out. */
export interface ImportFact {
  /** The specifier as written. */
  readonly from: string
  /**
   * `static`: an `import` statement. `reexport`: an `export … from`. `dynamic`: `import()`. `require`: a call of something named
   * `require`, or TypeScript's `import x = require()`.
   */
  readonly kind: 'static' | 'reexport' | 'dynamic' | 'require'
  /** The names a statement takes from it, by the names it gives them: `default`, `*` for all, or a name. Other kinds take all. */
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

/** Something declared by name: variables at the top of the file or of a namespace, everything else wherever it stands. */
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

/** A function with a body: declaration, expression, arrow, method or accessor. */
export interface FunctionFact {
  /** Its own name, or that of what it is first assigned to; null where it has neither. */
  readonly name: string | null
  readonly line: number | null
  /**
   * McCabe's cyclomatic complexity: 1, plus 1 for each `if`, `?:`, loop, `case` with a test, `catch`, `&&`, `||`, `??` and their
   * assignments, functions within not counted.
   */
  readonly complexity: number
}

export interface DiagnosticFact {
  readonly message: string
  readonly severity: 'error' | 'warning' | 'advice'
  readonly start: number | null
  readonly line: number | null
}
