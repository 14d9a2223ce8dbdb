import pc from 'picocolors'

type Paint = (text: string) => string

/** How text looks on one stream: colours that are the identity where there are none, and symbols it can show. */
export interface Style {
  readonly bold: Paint
  readonly dim: Paint
  readonly red: Paint
  readonly green: Paint
  readonly yellow: Paint
  readonly cyan: Paint
  readonly symbols: Symbols
}

export interface Symbols {
  readonly check: string
  readonly cross: string
  readonly dot: string
  readonly pause: string
  readonly ellipsis: string
  readonly times: string
  readonly full: string
  readonly empty: string
}

const UNICODE: Symbols = {
  check: '✓',
  cross: '✗',
  dot: '·',
  pause: '⏸',
  ellipsis: '…',
  times: '×',
  full: '█',
  empty: '░',
}
const ASCII: Symbols = {
  check: 'ok',
  cross: '!!',
  dot: '-',
  pause: '||',
  ellipsis: '..',
  times: 'x',
  full: '#',
  empty: '.',
}

export interface StyleOptions {
  readonly color: boolean
  readonly unicode: boolean
}

/** What a stream can show, told from itself and the environment. */
export interface StyleHost {
  readonly stream: { readonly isTTY?: boolean | undefined }
  readonly env: Readonly<Record<string, string | undefined>>
}

export function createStyle({ color, unicode }: StyleOptions): Style {
  const { bold, dim, red, green, yellow, cyan } = pc.createColors(color)
  return { bold, dim, red, green, yellow, cyan, symbols: unicode ? UNICODE : ASCII }
}

/** `NO_COLOR` takes colours away, `FORCE_COLOR` gives them to a pipe; symbols are Unicode unless the locale says otherwise. */
export function styleFor({ stream, env }: StyleHost): Style {
  return createStyle({ color: wantsColor({ stream, env }), unicode: readsUnicode(env) })
}

function wantsColor({ stream, env }: StyleHost): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return stream.isTTY === true && env.TERM !== 'dumb'
}

function readsUnicode(env: StyleHost['env']): boolean {
  if (env.TERM === 'linux' || env.TERM === 'dumb') return false
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG
  return !locale || /utf-?8/i.test(locale)
}
