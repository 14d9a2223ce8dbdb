import { CLUSTER_TABLES, CLUSTER_TABLES_2, CLUSTER_TABLES_3 } from '../../cluster/cluster-tables.ts'
import { WRITE_CHECKPOINT } from './checkpoint-function.ts'
import { MEET_STRETCH } from './stretch-function.ts'
import { VERSION_1 } from './tables.ts'

/** What brings the tables of a schema to the next version: statements that run in one transaction. */
export type Migration = (schema: string) => readonly string[]

/** The migration at index n brings a ledger from version n to n + 1. Entries are never edited once released. */
export const MIGRATIONS: readonly Migration[] = [
  (schema) => [...VERSION_1(schema), WRITE_CHECKPOINT(schema), MEET_STRETCH(schema)],
  CLUSTER_TABLES,
  // The functions as they now are.
  (schema) => [WRITE_CHECKPOINT(schema), MEET_STRETCH(schema), ...CLUSTER_TABLES_2(schema)],
  CLUSTER_TABLES_3,
]
