import type { SyntaxRecord } from '../../src/processor/syntax-record.ts'

const text = { type: 'string' } as const
const textOrNull = { type: ['string', 'null'] } as const
const count = { type: 'integer' } as const
const countOrNull = { type: ['integer', 'null'] } as const

/** The published schema as a constant, so that the compiler can hold the type against it. */
export const schema = {
  type: 'object',
  properties: {
    schema: { const: 2 },
    language: textOrNull,
    dialect: { enum: ['estree', 'babel', 'tree-sitter', 'generic'] },
    lines: countOrNull,
    bytes: count,
    nodes: count,
    depth: count,
    complexity: countOrNull,
    commentRatio: { type: ['number', 'null'] },
    imports: { type: 'array', items: { $ref: '#/$defs/import' } },
    exports: { type: 'array', items: { $ref: '#/$defs/export' } },
    declarations: { type: 'array', items: { $ref: '#/$defs/declaration' } },
    functions: { type: 'array', items: { $ref: '#/$defs/function' } },
    diagnostics: { type: 'array', items: { $ref: '#/$defs/diagnostic' } },
  },
  required: [
    'schema',
    'language',
    'dialect',
    'lines',
    'bytes',
    'nodes',
    'depth',
    'complexity',
    'commentRatio',
    'imports',
    'exports',
    'declarations',
    'functions',
    'diagnostics',
  ],
  additionalProperties: false,
  $defs: {
    import: {
      type: 'object',
      properties: {
        from: text,
        kind: { enum: ['static', 'reexport', 'dynamic', 'require', 'include'] },
        names: { type: 'array', items: text },
        typeOnly: { const: true },
      },
      required: ['from', 'kind'],
      additionalProperties: false,
    },
    export: {
      type: 'object',
      properties: { name: text, kind: { enum: ['named', 'default', 'all', 'type', 'commonjs'] } },
      required: ['name', 'kind'],
      additionalProperties: false,
    },
    declaration: {
      type: 'object',
      properties: {
        name: text,
        kind: {
          enum: [
            'function',
            'class',
            'method',
            'getter',
            'setter',
            'property',
            'variable',
            'interface',
            'type',
            'enum',
            'namespace',
            'struct',
            'union',
            'trait',
            'macro',
            'rule',
            'element',
          ],
        },
        start: countOrNull,
        end: countOrNull,
        line: countOrNull,
        endLine: countOrNull,
      },
      required: ['name', 'kind', 'start', 'end', 'line', 'endLine'],
      additionalProperties: false,
    },
    function: {
      type: 'object',
      properties: { name: textOrNull, line: countOrNull, complexity: count },
      required: ['name', 'line', 'complexity'],
      additionalProperties: false,
    },
    diagnostic: {
      type: 'object',
      properties: {
        message: text,
        severity: { enum: ['error', 'warning', 'advice'] },
        start: countOrNull,
        line: countOrNull,
      },
      required: ['message', 'severity', 'start', 'line'],
      additionalProperties: false,
    },
  },
} as const

interface Primitives {
  readonly string: string
  readonly integer: number
  readonly number: number
  readonly null: null
}

/** The type that a schema of this form describes. */
type Described<S> = S extends { readonly $ref: `#/$defs/${infer Name}` }
  ? Described<(typeof schema)['$defs'][Name & keyof (typeof schema)['$defs']]>
  : S extends { readonly const: infer Value }
    ? Value
    : S extends { readonly enum: readonly (infer Value)[] }
      ? Value
      : S extends { readonly type: 'array'; readonly items: infer Items }
        ? readonly Described<Items>[]
        : S extends {
              readonly type: 'object'
              readonly properties: infer P
              readonly required: readonly (infer Required)[]
            }
          ? Flat<
              { readonly [K in keyof P as K extends Required ? K : never]: Described<P[K]> } & {
                readonly [K in keyof P as K extends Required ? never : K]?: Described<P[K]>
              }
            >
          : S extends { readonly type: readonly (infer Name)[] }
            ? Primitives[Name & keyof Primitives]
            : S extends { readonly type: infer Name }
              ? Primitives[Name & keyof Primitives]
              : never

type Flat<T> = { [K in keyof T]: T[K] }
/** `true` where two types are the same to the compiler, else `false`: being assignable both ways would let optional fields differ. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Plain<T> = T extends readonly (infer Item)[]
  ? readonly Plain<Item>[]
  : T extends object
    ? { [K in keyof T]: Plain<T[K]> }
    : T

/** Does not compile once the type and the schema part. */
export const typeIsDescribed: Same<Plain<Described<typeof schema>>, Plain<SyntaxRecord>> = true
