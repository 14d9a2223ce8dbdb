import { WRITE_CHECKPOINT } from '../../../../src/ledger/postgres/checkpoint-function.ts'

/** The function that writes checkpoints, wrong on purpose: it takes those of any epoch. */
export function writesOfAnyEpoch(schema: string): string {
  const text = WRITE_CHECKPOINT(schema)
  const altered = text
    .replace(' OR v_epoch <> p_epoch THEN', ' THEN')
    .replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION')
  if (altered.includes('v_epoch <> p_epoch')) throw new Error('The check of the epoch is written otherwise now')
  return altered
}
