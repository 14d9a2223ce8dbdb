import type { SyntaxRecord } from './syntax-record.ts'

/** What a tree tells by itself, without the text it was made from. */
export type TreeFacts = Omit<SyntaxRecord, 'schema' | 'language' | 'dialect' | 'bytes'>
