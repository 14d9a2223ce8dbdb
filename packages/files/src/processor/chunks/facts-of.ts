import type { FileInput } from '../processor.ts'
import { syntax } from '../syntax.ts'
import type { DeclarationFact } from '../syntax-record.ts'

/** A declaration whose place is known. */
export interface PlacedDeclaration extends DeclarationFact {
  readonly start: number
  readonly end: number
}

/** What is declared in a file and where, as the `syntax` processor has it; empty where it does not take the file. */
export async function factsOf(input: FileInput): Promise<readonly PlacedDeclaration[]> {
  if (!syntax.match(input.file)) return []
  const { declarations } = await syntax.process(input)
  return declarations.filter((one): one is PlacedDeclaration => one.start !== null && one.end !== null)
}
