import type { Ledger } from '../../src/ledger/ledger.ts'

export type LedgerCall = Exclude<keyof Ledger, symbol>

/** What to do about a call: `proceed` makes it. */
export type Around = (call: LedgerCall, proceed: () => Promise<unknown>, args: readonly unknown[]) => Promise<unknown>

/** The same ledger, each call going through `around`. */
export function aroundLedger(ledger: Ledger, around: Around): Ledger {
  const wrapped: Ledger = new Proxy(ledger, {
    get(target, name) {
      if (name === Symbol.asyncDispose) return () => wrapped.close()
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      return (...args: readonly unknown[]) =>
        around(name as LedgerCall, async () => Reflect.apply(member, target, args) as unknown, args)
    },
  })
  return wrapped
}
