import type { Target } from '../../intent/target.ts'
import { InsertShape } from './statements/insert-shape.ts'
import { PatchWriter } from './statements/patch-writer.ts'
import type { TargetWriter } from './statements/shape.ts'
import { SqlShape } from './statements/sql-shape.ts'
import { UpdateWriter } from './statements/update-writer.ts'

/** What makes statements of items with this target. */
export function writerOf(target: Target): TargetWriter {
  switch (target.kind) {
    case 'insert':
      return new InsertShape(target)
    case 'update':
      return new UpdateWriter(target)
    case 'patch':
      return new PatchWriter(target)
    case 'sql':
      return new SqlShape(target)
  }
}
