import { Connection } from 'pg'

/** What of pg's connection is counted; its types do not have it right. */
interface Counted {
  connect(...args: unknown[]): unknown
  parse(message: { readonly name?: string; readonly text: string }): unknown
  bind(message: { readonly statement?: string }): unknown
  sync(...args: unknown[]): unknown
  query(text: string): unknown
  readonly stream: { readonly bytesRead: number; readonly bytesWritten: number }
}

/** What this process has sent to PostgreSQL since it began to count, and got from it. */
export interface WireCounts {
  /** Without those that begin and end transactions. */
  readonly statements: number
  /** Each is a message after which the server answers, and waits. */
  readonly roundTrips: number
  readonly bytes: number
}

let statements = 0
let roundTrips = 0
/** By connection, the texts of its statements by their names. */
const connections = new Map<Counted, Map<string, string>>()

const CONTROL = /^\s*(BEGIN|START|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE|SET)\b/i

/** Counts from now on what every connection sends that `pg` opens in this process. To be called once, before any is opened. */
export function countWire(): () => WireCounts {
  const wire = Connection.prototype as unknown as Counted
  const { connect, parse, bind, sync, query } = wire
  Object.assign(wire, {
    connect(this: Counted, ...args: unknown[]) {
      connections.set(this, new Map())
      return connect.apply(this, args)
    },
    parse(this: Counted, message: Parameters<Counted['parse']>[0]) {
      connections.get(this)?.set(message.name ?? '', message.text)
      return parse.call(this, message)
    },
    bind(this: Counted, message: Parameters<Counted['bind']>[0]) {
      if (!CONTROL.test(connections.get(this)?.get(message.statement ?? '') ?? '')) statements++
      return bind.call(this, message)
    },
    sync(this: Counted, ...args: unknown[]) {
      roundTrips++
      return sync.apply(this, args)
    },
    query(this: Counted, text: string) {
      statements += text.split(';').filter((each) => !CONTROL.test(each)).length
      roundTrips++
      return query.call(this, text)
    },
  })
  return () => {
    let bytes = 0
    for (const { stream } of connections.keys()) bytes += stream.bytesRead + stream.bytesWritten
    return { statements, roundTrips, bytes }
  }
}

/** What was counted between two moments. */
export function since(before: WireCounts, now: WireCounts): WireCounts {
  return {
    statements: now.statements - before.statements,
    roundTrips: now.roundTrips - before.roundTrips,
    bytes: now.bytes - before.bytes,
  }
}
