import type { RunFacts } from './run-facts.ts'

/** Which of the three jobs something was seen in: the first and the last were left alone. */
export type ChaosRun = 'first' | 'disturbed' | 'last'

/** Something that must not be, whatever was done and whatever the processor is like. */
export interface ChaosLoss {
  readonly kind:
    | 'not-ended'
    | 'unbalanced'
    | 'lost'
    | 'doubled'
    | 'extra'
    | 'garbled'
    | 'stale'
    | 'differs'
    | 'left-behind'
  readonly run: ChaosRun
  /** The file it is about, or null. */
  readonly path: string | null
  /** A sentence. */
  readonly told: string
}

/** What is wrong with a processor. */
export interface ProcessorFault {
  readonly kind: 'not-deterministic' | 'crash' | 'hang' | 'memory' | 'leak'
  /** `name@version`. */
  readonly processor: string
  /** The file it was seen at, or null where it is seen at all of them. */
  readonly path: string | null
  /** A sentence. */
  readonly seen: string
}

export type FileFault = Omit<ProcessorFault, 'processor'> & { readonly path: string }

const DEATHS: Readonly<Record<string, 'crash' | 'hang' | 'memory'>> = {
  WORKER_CRASHED: 'crash',
  FILE_DEADLINE: 'hang',
  FILE_MEMORY: 'memory',
}

/** Whether a file in quarantine took its worker with it. */
export function isDeath(code: string): boolean {
  return Object.hasOwn(DEATHS, code)
}

const RUN_WORDS: Readonly<Record<ChaosRun, string>> = {
  first: 'the first undisturbed run',
  disturbed: 'the disturbed run',
  last: 'the last undisturbed run',
}

/** What is wrong with one run by itself: its books, and each file of the tree beside its output and its quarantine. Pure. */
export function lossesOf(run: ChaosRun, expected: readonly string[], facts: RunFacts): ChaosLoss[] {
  const losses: ChaosLoss[] = []
  const where = RUN_WORDS[run]
  const { books, lines, quarantined } = facts
  const { discovered, delivered, excluded } = books
  if (discovered !== delivered + books.quarantined + excluded || discovered !== expected.length) {
    const told = `The books of ${where} have ${discovered} files discovered, ${delivered} delivered, ${books.quarantined} quarantined, ${excluded} excluded; the tree has ${expected.length}.`
    losses.push({ kind: 'unbalanced', run, path: null, told })
  }
  if (delivered !== lines.size || books.quarantined !== quarantined.size) {
    const told = `The books of ${where} say ${delivered} delivered and ${books.quarantined} quarantined; there are ${lines.size} results and ${quarantined.size} in quarantine.`
    losses.push({ kind: 'unbalanced', run, path: null, told })
  }
  const known = new Set(expected)
  for (const path of expected) {
    const isThere = lines.has(path) || quarantined.has(path)
    if (!isThere)
      losses.push({ kind: 'lost', run, path, told: `It is neither in the output of ${where} nor in quarantine.` })
  }
  for (const path of lines.keys()) {
    if (quarantined.has(path))
      losses.push({ kind: 'doubled', run, path, told: `It is in the output of ${where} and in quarantine.` })
    if (!known.has(path))
      losses.push({ kind: 'extra', run, path, told: `It is in the output of ${where} and not in the tree.` })
  }
  for (const path of facts.doubled)
    losses.push({ kind: 'doubled', run, path, told: `It is in the output of ${where} more than once.` })
  if (facts.garbled > 0) {
    losses.push({
      kind: 'garbled',
      run,
      path: null,
      told: `${facts.garbled} lines in the output of ${where} are no records.`,
    })
  }
  return losses
}

export interface ComparedRuns {
  /** What the processor is known to have done. */
  readonly faults: readonly FileFault[]
  /** Files that came to something else in the disturbed run: the processor's fault if it does so by itself, else the engine's. */
  readonly suspects: readonly ChaosLoss[]
  /** Files whose results are certainly of other contents than they have. */
  readonly losses: readonly ChaosLoss[]
}

/**
 * Three runs of the same processor side by side. The first was over the tree before it was damaged, the others over the tree as it then was; what two undisturbed
 * runs make of the same contents differently is the processor's own doing. Pure.
 */
export function compareRuns(
  paths: readonly string[],
  { first, disturbed, last }: Readonly<Record<ChaosRun, RunFacts>>,
  damaged: ReadonlyMap<string, string>,
): ComparedRuns {
  const faults: FileFault[] = []
  const suspects: ChaosLoss[] = []
  const losses: ChaosLoss[] = []
  for (const path of paths) {
    const death = deathAt(path, { first, last }, damaged.get(path))
    if (death !== undefined) {
      faults.push(death)
      continue
    }
    const [before, during, after] = [first, disturbed, last].map((run) => outcomeOf(run, path))
    if (before === undefined || during === undefined || after === undefined) continue
    if (!damaged.has(path) && before.digest !== after.digest) {
      faults.push({ kind: 'not-deterministic', path, seen: unlike(before.told, after.told) })
    } else if (during.digest !== after.digest) {
      if (during.hash !== undefined && after.hash !== undefined && during.hash !== after.hash) {
        losses.push({
          kind: 'stale',
          run: 'disturbed',
          path,
          told: 'Its result is of contents that it does not have any more.',
        })
      } else {
        const told = `Left alone it came to: ${after.told}; in the disturbed run to: ${during.told}.`
        suspects.push({ kind: 'differs', run: 'disturbed', path, told })
      }
    }
  }
  return { faults, suspects, losses }
}

interface Outcome {
  /** Of the contents, where it was delivered. */
  readonly hash: string | undefined
  /** The same where the same was made of it. */
  readonly digest: string
  readonly told: string
}

function outcomeOf({ lines, quarantined }: RunFacts, path: string): Outcome | undefined {
  const line = lines.get(path)
  if (line !== undefined) return { ...line, told: `a record (${line.digest.slice(0, 8)})` }
  const refused = quarantined.get(path)
  return refused && { hash: undefined, digest: refused.code, told: `${refused.code}, ${refused.message}` }
}

function unlike(before: string, after: string): string {
  return `Two undisturbed runs came to different things of the same contents: ${before}, then ${after}.`
}

/** Where an undisturbed run lost a worker by the file. */
function deathAt(
  path: string,
  runs: Readonly<Record<'first' | 'last', RunFacts>>,
  damage: string | undefined,
): FileFault | undefined {
  const [before, after] = [runs.first.quarantined.get(path), runs.last.quarantined.get(path)]
  const died = [before, after].filter((refused) => refused !== undefined && isDeath(refused.code))
  const [one] = died
  if (one === undefined) return undefined
  const isDamaged = damage !== undefined && !isDeath(before?.code ?? '')
  const sometimes = damage === undefined && died.length === 1 ? ' In the other undisturbed run it did not.' : ''
  const since = isDamaged ? ` That was after it ${damage}.` : ''
  return { kind: DEATHS[one.code]!, path, seen: `${one.message} (${one.code})${since}${sometimes}` }
}
