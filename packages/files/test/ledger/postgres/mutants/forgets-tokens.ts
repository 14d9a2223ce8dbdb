import { WRITE_CHECKPOINT } from '../../../../src/ledger/postgres/checkpoint-function.ts'

/** The function that writes checkpoints, wrong on purpose: it does not know one again that it has written. */
export function knowsNoToken(schema: string): string {
  const text = WRITE_CHECKPOINT(schema)
  const altered = text
    .replace(' AND b.token <> p_token', '')
    .replace('IF v_token <> p_token THEN', 'IF true THEN')
    .replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION')
  if (altered.includes('token <> p_token')) throw new Error('The token is looked at otherwise now')
  return altered
}
