import type { BenchRow, Unit } from './row.ts'

const LEGEND = `Medians. ratio: how many times better ours is than the peer, so above 1 ours is ahead; in brackets how
far apart the rounds lie in it, (p90 − p10) / median. goal: the ratio wanted; rows without one are context. Bytes and ‰ below 1
count as 1 in a ratio.`

/** The rows as a Markdown table, with a legend under it. */
export function tableOf(rows: readonly BenchRow[]): string {
  const header = ['case', 'ours', 'peer', 'ratio', 'goal', 'met']
  const cells = [header, ...rows.map(cellsOf)]
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(header), rule, ...cells.slice(1).map(line), '', LEGEND, '', verdict(rows)].join('\n')
}

function cellsOf({ id, ours, peer, peerName, unit, ratio, spread, goal, met }: BenchRow): string[] {
  return [
    id.split('/').slice(0, -2).join('/'),
    figure(ours, unit),
    `${peerName}: ${figure(peer, unit)}`,
    `${digits(ratio)} (${Math.round(spread * 100)} %)`,
    goal === null ? '' : `≥ ${Number(goal.toFixed(3))}`,
    met === null ? '' : met ? 'yes' : 'MISSED',
  ]
}

function verdict(rows: readonly BenchRow[]): string {
  const aims = rows.filter(({ met }) => met !== null)
  const missed = aims.filter(({ met }) => met === false)
  return `${aims.length - missed.length} of ${aims.length} goals met${missed.map(({ id }) => `\nmissed: ${id}`).join('')}`
}

function figure(value: number, unit: Unit): string {
  return `${digits(value)} ${unit}`
}

function digits(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US')
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
