/** Flags of Node that decide how modules are found, loaded and measured, each with or without its value behind `=`. */
const PASSED_ON = new Set([
  '--conditions',
  '-C',
  '--import',
  '--require',
  '-r',
  '--loader',
  '--experimental-loader',
  '--enable-source-maps',
  '--cpu-prof',
  '--cpu-prof-dir',
  '--disable-warning',
])
const WITHOUT_VALUE = new Set(['--enable-source-maps', '--cpu-prof'])

/**
 * The flags of this process that a process started by it needs too.
 *
 * Not all of them: `--eval` would run the caller's script again in each, `--input-type` and `--test` would keep them from
 * starting, and `--inspect` would fight over its port.
 */
export function entryArgs(execArgv: readonly string[] = process.execArgv): string[] {
  const args: string[] = []
  for (let index = 0; index < execArgv.length; index++) {
    const arg = execArgv[index]!
    const [name] = arg.split('=', 1)
    if (!PASSED_ON.has(name!)) continue
    args.push(arg)
    if (name === arg && !WITHOUT_VALUE.has(arg) && index + 1 < execArgv.length) args.push(execArgv[++index]!)
  }
  return args
}
