import type { Db } from 'pg-boss'
import { Board, type Claim } from '../../../src/cluster/board.ts'

/** Broken on purpose: a board on which any claim that was ever made on a batch is as good as the present one. */
export function unfencedBoard(board: Board, schema: string): Board {
  const present = async (queue: string, claim: Claim, tx: Db): Promise<Claim> => {
    const { rows } = await tx.executeSql(`SELECT retry_count FROM ${schema}.job WHERE name = $1 AND id = $2`, [
      queue,
      claim.id,
    ])
    return { ...claim, attempt: rows[0]?.retry_count ?? claim.attempt }
  }
  return Object.assign(Object.create(Board.prototype), {
    claim: board.claim.bind(board),
    touch: board.touch.bind(board),
    supervise: board.supervise.bind(board),
    holds: async (queue: string, claim: Claim, tx: Db) => board.holds(queue, await present(queue, claim, tx), tx),
    end: async (queue: string, claim: Claim, tx: Db) => board.end(queue, await present(queue, claim, tx), tx),
  })
}
