import { Grammars } from '@millrace/files/languages/grammars'
import { TreeReader } from '@millrace/files/languages/tree-reader'
import type { Bench } from '../harness/bench.ts'
import { compare, type Sample } from '../harness/compare.ts'
import { countNodes } from './bare-loop.ts'
import { type Corpus, foundCorpora, goldenCorpora } from './corpora.ts'

/** What facts may cost beside a loop that only counts. */
const OF_BARE_LOOP = 0.85

const WARM_PASSES = 4
const ROUNDS = 11

/** What does a record cost, beside parsing and walking alone? In megabytes of text a second of processor time. */
export default async function records(bench: Bench): Promise<void> {
  const corpora = bench.quick ? goldenCorpora() : [...goldenCorpora(), ...foundCorpora()]
  for (const corpus of corpora) await beside(bench, corpus)
}

async function beside(bench: Bench, { name, language, path, texts }: Corpus): Promise<void> {
  const grammars = new Grammars()
  const parser = grammars.parser(await grammars.load(language))
  const reader = new TreeReader()
  const file = { path, size: 0, mtimeMs: 0, stamp: '', language, kind: 'source' } as const
  const inputs = texts.map((text) => ({ file, absolutePath: path, bytes: Buffer.from(text), text: () => text }))
  const bytes = inputs.reduce((sum, input) => sum + input.bytes.length, 0)
  const ours = async () => {
    for (const input of inputs) await reader.read(input)
  }
  const bare = () => {
    for (const text of texts) countNodes(parser, text)
  }
  // A compiler that works beside us counts as processor time, and what is read first has most to be compiled.
  for (let warm = 0; warm < WARM_PASSES; warm++) {
    await ours()
    bare()
  }
  await compare(bench, {
    id: `records/${name}`,
    unit: 'MB/s',
    rounds: ROUNDS,
    ours: () => timed(bytes, ours),
    peers: [{ name: 'parser and bare loop', goal: OF_BARE_LOOP, sample: () => timed(bytes, bare) }],
  })
}

async function timed(bytes: number, pass: () => void | Promise<void>): Promise<Sample> {
  const before = process.cpuUsage()
  await pass()
  const { user, system } = process.cpuUsage(before)
  return { value: bytes / (user + system), checksum: bytes }
}
