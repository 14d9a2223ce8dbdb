import type { Board } from '../../../src/cluster/board.ts'

/** Broken on purpose: says of no batch that it is to be alone. */
export function companionableBoard(board: Board): Board {
  return new Proxy(board, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (name !== 'claim') return typeof value === 'function' ? value.bind(target) : value
      const claim: Board['claim'] = async (queue, count) => {
        const claims = await target.claim(queue, count)
        return claims.map((one) => ({ ...one, order: { ...one.order, alone: false } }))
      }
      return claim
    },
  })
}
