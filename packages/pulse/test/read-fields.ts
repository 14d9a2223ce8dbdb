import type { Fault, Fields } from '../src/manifest/fields.ts'
import { FieldsReader } from '../src/manifest/fields-reader.ts'
import { References } from '../src/manifest/references.ts'

/** Reads a mapping as a manifest's is read: what `read` gives, and what was wrong, as `field message`. */
export function readFields<T>(value: unknown, read: (fields: Fields) => T): { value: T; faults: string[] } {
  const faults: string[] = []
  const references = new References({ environment: { SECRET: 'hunter2-hunter2' } })
  const onFault = ({ field, message }: Fault) => faults.push(`${field} ${message}`)
  const fields = new FieldsReader(value, '', { references, isStrict: true, onFault })
  return { value: read(fields), faults }
}
